// A browser with the page, and what the tests look at. The page's policy refuses strings to
// evaluate, so only functions go in, and waiting is done out here.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const PAGE = pathToFileURL(need('PAGE')).href;
export const CASES = need('CASES');
export const SHOTS = process.env.SHOTS;

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}; \`cargo xtask test\` does`);
  return value;
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

// Opens the page; `trouble` gathers what must not happen.
export async function open(browser, { url = PAGE, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${error}`));
  page.on('request', (request) => {
    const to = request.url();
    if (to.split('#')[0] !== url && !/^(blob|data):/.test(to)) trouble.push(`request: ${to}`);
  });
  await page.goto(url);
  return { page, trouble, close: () => context.close() };
}

// Every bundle with the report that native code made of it.
export async function cases() {
  const files = (await readdir(CASES)).sort();
  const all = [];
  for (const file of files.filter((file) => file.endsWith('.report.json'))) {
    const name = file.slice(0, -'.report.json'.length);
    const bundle = [`${name}.zip`, `${name}.json`].find((file) => files.includes(file));
    if (!bundle) throw new Error(`${file} has no bundle beside it`);
    const bytes = await readFile(join(CASES, file));
    all.push({ name, path: join(CASES, bundle), bytes, report: JSON.parse(bytes) });
  }
  if (all.length === 0) throw new Error(`no case in ${CASES}`);
  return all;
}

// The case the tests walk through: a proven cause, probes, evidence.
export async function example() {
  const all = await cases();
  const fits = ({ report }) =>
    report.causes[0]?.confidence === 'proven' && report.matrix.length > 0 && report.gaps.length > 0;
  return all.find(fits) ?? all.find(({ report }) => report.causes.length > 0);
}

// Drops a file on the page as a person does.
export async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(({ name, base64 }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    return transfer;
  }, { name, base64: bytes.toString('base64') });
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

export function pick(page, path) {
  return page.locator('input[type=file]').first().setInputFiles(path);
}

// The bytes of "Save report JSON".
export async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-json')]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const shown = (page, view) => page.locator(`section.view[aria-label="${view}"]`);
export const headline = (page) => page.locator('.verdict h1');

// Asks until the answer is right; the last wrong answer is in the error.
export async function until(ask, right, what) {
  let answer;
  for (let tries = 0; tries < 200; tries += 1) {
    answer = await ask();
    if (right(answer)) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what}: ${JSON.stringify(answer)}`);
}
