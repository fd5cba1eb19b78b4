// What the page looks like: nothing sticks out at any width; pictures for people in SHOTS.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SHOTS, example, headline, launch, open, pick, shown } from './page.mjs';

const { path } = await example();
const LOOKS = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ['narrow-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
  ['contrast', { colorScheme: 'dark', forcedColors: 'active' }],
];

let browser;
before(async () => {
  browser = await launch();
  if (SHOTS) await mkdir(SHOTS, { recursive: true });
});
after(() => browser?.close());

for (const [look, options] of LOOKS) {
  test(`nothing is wider than the window: ${look}`, async () => {
    const { page, trouble, close } = await open(browser, options);
    const fits = async (name) => {
      // Playwright's own waiting for fonts evaluates nothing in the page.
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${look}-${name}.png`), fullPage: name !== 'file' });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    };
    await page.locator('.drop').waitFor();
    await fits('start');
    await pick(page, path);
    await headline(page).waitFor();
    await fits('cause');
    await page.keyboard.press('2');
    await shown(page, 'Findings').waitFor();
    await shown(page, 'Findings').locator('summary').nth(1).click();
    await fits('findings');
    await page.keyboard.press('3');
    await shown(page, 'Probes').waitFor();
    await fits('probes');
    await page.keyboard.press('4');
    await shown(page, 'Not seen').waitFor();
    await fits('gaps');
    await page.keyboard.press('5');
    await shown(page, 'Files').waitFor();
    await fits('files');
    await page.keyboard.press('1');
    await shown(page, 'Cause').locator('a.place').first().click();
    await page.locator('.lines .row.within').first().waitFor();
    await fits('file');
    assert.deepEqual(trouble, []);
    await close();
  });
}
