// The report that the page makes is the report that native code makes, byte for byte.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cases, headline, launch, open, pick, saved } from './page.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const { name, path, bytes, report } of await cases()) {
  test(`the report of ${name} is the same in the browser`, async () => {
    const { page, trouble, close } = await open(browser);
    await pick(page, path);
    await headline(page).waitFor();
    const here = await saved(page);
    assert.equal(here.toString(), bytes.toString());
    assert.ok(here.equals(bytes));
    // What stands between backticks is shown as code, without them.
    const said = report.headline.replaceAll(/`([^`]*)`/g, '$1');
    assert.equal((await headline(page).textContent()).toLowerCase(), said.toLowerCase());
    assert.deepEqual(trouble, []);
    await close();
  });
}
