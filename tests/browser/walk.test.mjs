// A person with a bundle: opens it, reads the cause, follows evidence, comes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { drop, example, headline, launch, open, pick, shown, until } from './page.mjs';

const { path, report } = await example();
const cause = report.causes[0];
const root = report.findings[cause.finding];

let browser, page, trouble, close;
before(async () => { browser = await launch(); });
after(() => browser?.close());
beforeEach(async () => { ({ page, trouble, close } = await open(browser)); });
afterEach(async () => {
  assert.deepEqual(trouble, [], 'no console error, no request');
  await close();
});

const opened = async () => {
  await drop(page, 'incident.zip', await readFile(path));
  await headline(page).waitFor();
};
const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
const marked = () => page.locator('.lines .row.within');

test('a dropped bundle shows its cause, how sure it is, what speaks for it and the fix', async () => {
  assert.match(await page.locator('main h1').textContent(), /DNS/);
  await opened();
  const view = shown(page, 'Cause');
  assert.equal((await headline(page).textContent()).toLowerCase(), report.headline.toLowerCase());
  assert.equal((await view.locator('.eyebrow .badge').textContent()).trim(), cause.confidence);
  assert.equal(await view.locator('.fix').first().locator('.steps > li').count(), cause.fix.length);
  assert.equal(await view.locator('.supports').first().locator('a.place').count(), root.evidence.length);
  assert.equal(await view.locator('.contradicts').first().locator('a.place').count(), cause.contradictedBy.length);
});

test('each piece of evidence of the cause leads to its line in one click, and back', async () => {
  await opened();
  const supports = shown(page, 'Cause').locator('.supports').first();
  const links = supports.locator('a.place');
  const more = supports.locator('details.more > summary');
  if (await more.count() > 0) await more.click();
  for (let index = 0; index < root.evidence.length; index += 1) {
    const evidence = root.evidence[index];
    const id = await links.nth(index).getAttribute('id');
    await links.nth(index).click();
    await marked().first().waitFor();
    assert.equal(await page.locator('h1.path').textContent(), evidence.entry);
    const numbers = await marked().locator('.number').allTextContents();
    assert.equal(numbers[0], String(evidence.line));
    assert.equal(numbers.length, evidence.endLine - evidence.line + 1);
    const excerpt = evidence.excerpt.lines[evidence.line - evidence.excerpt.firstLine];
    assert.ok((await marked().first().locator('.text').textContent()).startsWith(excerpt.slice(0, 100)));
    await until(() => marked().first().evaluate((row) => {
      const list = row.closest('.lines').getBoundingClientRect();
      const here = row.getBoundingClientRect();
      return here.top >= list.top && here.bottom <= list.bottom;
    }), Boolean, 'the line is in view');
    await page.goBack();
    await headline(page).waitFor();
    await until(focused, (now) => now === id, 'the focus is where it was');
  }
});

for (const [what, table] of [['the table at a glance', 'table.glance'], ['the probe matrix', 'table.matrix:not(.glance)']]) {
  test(`a cell of ${what} leads to the records it was made of`, async () => {
    await opened();
    await page.keyboard.press('3');
    const first = shown(page, 'Probes').locator(table).first();
    await first.waitFor();
    assert.ok(await first.locator('thead th[scope=col]').count() >= 3);
    assert.ok(await first.locator('tbody th[scope=rowgroup]').count() >= 1);
    const cell = first.locator('td.cell a').first();
    assert.match(await cell.textContent(), /(OK|NODATA|NXDOMAIN|timeout|[a-z]+)\s*\d+\/\d+/);
    await cell.click();
    await marked().first().waitFor();
    assert.match(await page.locator('h1.path').textContent(), /^probes\/.*\/records\.json$/);
  });
}

test('the keyboard reaches every view, the sheet of keys and the filter', async () => {
  await opened();
  for (const [key, view] of [['2', 'Findings'], ['3', 'Probes'], ['4', 'Not seen'], ['5', 'Files'], ['1', 'Cause']]) {
    await page.keyboard.press(key);
    await shown(page, view).waitFor();
    assert.equal(await page.locator('section.view:visible').count(), 1);
    assert.equal((await page.locator('nav [aria-current=page]').textContent()).replace(/\d+$/, ''), view);
  }
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog').isVisible());
  await page.keyboard.press('2');
  await page.keyboard.press('Escape');
  assert.ok(!(await page.locator('dialog').isVisible()));
  assert.ok(await shown(page, 'Cause').isVisible(), 'keys do nothing behind the sheet');

  await page.keyboard.press('2');
  await shown(page, 'Findings').waitFor();
  await page.keyboard.press('/');
  assert.equal(await focused(), 'filter-findings');
  await page.keyboard.type(root.rule);
  await until(() => shown(page, 'Findings').locator('details.finding').count(),
    (count) => count === report.findings.filter(({ rule }) => rule === root.rule).length, 'filtered');
  await page.keyboard.press('Escape');
  await until(() => shown(page, 'Findings').locator('details.finding').count(),
    (count) => count === report.findings.length, 'Esc empties the filter');
});

test('Tab goes through the page in order and the focus can be seen', async () => {
  await opened();
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  const seen = [];
  for (let step = 0; step < 14; step += 1) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element.matches('input[type=file]') ? element.parentElement : element);
      return { what: element.textContent.trim() || element.tagName, outline: style.outlineStyle };
    }));
  }
  assert.ok(seen.every(({ outline }) => outline !== 'none'), JSON.stringify(seen));
  assert.ok(seen.some(({ what }) => what === 'Cause'), JSON.stringify(seen));
});

test('a finding that a cause explains is one click away, open and in view', async () => {
  await opened();
  const link = shown(page, 'Cause').locator('.also a[href^="#/findings/"]').first();
  if (await link.count() === 0) return;
  const index = (await link.getAttribute('href')).split('/').pop();
  await link.click();
  await until(() => page.locator(`#finding-${index}`).getAttribute('open'), (open) => open !== null, 'open');
  assert.ok(await page.locator(`#finding-${index} .evidence`).isVisible());
});

test('words are found in a file', async () => {
  await opened();
  await page.keyboard.press('5');
  await shown(page, 'Files').locator('tbody a', { hasText: 'records.json' }).first().click();
  await page.locator('.lines .row').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('"latencyUs"');
  await page.locator('.lines .row.here').waitFor();
  const first = await page.locator('.lines .row.here .number').textContent();
  await page.keyboard.press('Enter');
  await until(() => page.locator('.lines .row.here .number').first().textContent().catch(() => first),
    (now) => now !== first, 'Enter goes to the next hit');
  assert.match(await page.locator('.search [role=status]').textContent(), /^hit 2 of/);
});

test('a long file keeps at most 200 rows in the page and its last line can be reached', async () => {
  await opened();
  await page.keyboard.press('5');
  const links = shown(page, 'Files').locator('tbody a', { hasText: 'records.json' });
  await links.first().click();
  await page.locator('.lines .row').first().waitFor();
  assert.ok(await page.locator('.lines .row').count() <= 200);
  const total = Number((await page.locator('.lines .row').first().getAttribute('aria-setsize')));
  await page.locator('.lines').evaluate((list) => { list.scrollTop = list.scrollHeight; });
  await until(() => page.locator('.lines .row .number').last().textContent(), (last) => last === String(total), 'the end');
  assert.ok(await page.locator('.lines .row').count() <= 200);
});

test('what opened can be copied for a ticket', async () => {
  await opened();
  await page.click('#copy-markdown');
  await until(() => page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith('## ') && text.includes(cause.id), 'Markdown');
  await until(() => page.locator('.notice').textContent(), (text) => text.includes('Copied'), 'it says so');
});

test('a broken file shows one clear error, and the next file opens', async () => {
  const bytes = await readFile(path);
  for (const [name, broken, words] of [
    ['cut.zip', bytes.subarray(0, bytes.length / 2), /cut short|damaged/],
    ['empty.zip', Buffer.alloc(0), /empty/],
    ['picture.zip', Buffer.from('\x89PNG\r\n', 'latin1'), /not a bundle/],
    ['new.json', Buffer.from('{"digpod": {"format": 99}}'), /./],
  ]) {
    await drop(page, name, broken);
    const alert = page.locator('main [role=alert]');
    await until(() => alert.textContent().catch(() => ''), (text) => text.includes(name), name);
    assert.equal(await alert.count(), 1);
    assert.match(await alert.textContent(), words);
    assert.match(await alert.textContent(), /What to do/);
  }
  await pick(page, path);
  await headline(page).waitFor();
});

test('text of a bundle is only ever text', async () => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=1</script> \u001b[31m \u202eevil https://example.com/';
  const document = {
    digpod: 1,
    manifest: {
      format: 1,
      tool: { name: hostile, version: hostile, arguments: [] },
      cluster: { context: hostile },
      symptom: { names: [{ name: hostile }], namespace: hostile, pod: hostile, text: hostile },
      items: [{ entry: 'outputs/<b>x<b>', status: 'forbidden', reason: hostile, missingPermission: hostile }],
    },
    entries: { 'outputs/hostile': { text: `${hostile}\n` } },
  };
  await drop(page, `${hostile.replaceAll('/', '')}.json`, Buffer.from(JSON.stringify(document)));
  await headline(page).waitFor();
  await page.evaluate(() => { location.hash = '#/files/outputs/hostile'; });
  const line = page.locator('.lines .row .text').first();
  await line.waitFor();
  assert.equal(await line.textContent(), hostile.replace(/[\u001b\u202e]/g, '\ufffd'));
  assert.equal(await page.locator('main img, main script, header img, header script, main a[href^="http"]').count(), 0);
  assert.notEqual(await page.title(), '1');
});

test('a bug is shown with its text and does not just stop the page', async () => {
  await page.locator('.drop').waitFor();
  await page.evaluate(() => {
    const script = `postMessage([JSON.stringify({ Bug: { text: 'panicked at <b>somewhere</b>' } })])`;
    globalThis.digpodWorker = () => new Worker(URL.createObjectURL(new Blob([script])));
  });
  await pick(page, path);
  const bug = page.locator('#bug[role=alert]');
  await bug.waitFor();
  assert.match(await bug.textContent(), /bug in the page.*panicked at <b>somewhere<\/b>/s);
});

test('light or dark follows the system and the button', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.notEqual(dark, light);
  await page.click('#theme');
  assert.equal(await ground(), dark);
  await page.keyboard.press('t');
  assert.equal(await ground(), light);
});

test('the policy of the page allows no connection, no inline code and no eval', async () => {
  const policy = await page.locator('meta[http-equiv]').getAttribute('content');
  for (const part of ["default-src 'none'", "connect-src 'none'", "form-action 'none'", "base-uri 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.ok(!/unsafe-inline|'unsafe-eval'|https?:|\*/.test(policy), policy);
  const refused = await page.evaluate(() => fetch('data:,x').then(() => false, () => true));
  assert.ok(refused, 'fetch is refused');
  // Asking was the point: the browser's word about it is no trouble.
  const told = trouble.splice(0);
  assert.ok(told.every((line) => /Content Security Policy|Refused|violat/i.test(line)), told.join('\n'));
});

test('a page with a bundle inside opens itself', { skip: !process.env.EMBEDDED }, async () => {
  const embedded = await open(browser, { url: pathToFileURL(process.env.EMBEDDED).href });
  await headline(embedded.page).waitFor();
  assert.deepEqual(embedded.trouble, []);
  await embedded.close();
});
