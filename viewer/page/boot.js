// Starts the program: in the page it unpacks the module, in the worker it waits for it.
(() => {
  'use strict';
  if (typeof document === 'undefined') {
    const early = [];
    self.onmessage = async (event) => {
      if (!(event.data instanceof WebAssembly.Module)) {
        early.push(event);
        return;
      }
      await wasm_bindgen({ module_or_path: event.data });
      early.forEach((event) => self.onmessage(event));
    };
    return;
  }
  const fail = (error) => {
    const boot = document.getElementById('boot') ?? document.body.appendChild(document.createElement('div'));
    boot.replaceChildren();
    const say = (tag, text) => {
      const element = document.createElement(tag);
      element.textContent = text;
      boot.append(element);
    };
    say('h1', 'This browser cannot run the page');
    say('p', 'It needs WebAssembly and Web Workers: a Chromium, Firefox or Safari of 2023 or later. Without them, use: digpod analyze BUNDLE');
    say('pre', String(error));
  };
  // Five letters of base 85 are four bytes, from ( to |, and ~ for <.
  const unpack = (text) => {
    const groups = Math.ceil(text.length / 5);
    const view = new DataView(new ArrayBuffer(groups * 4));
    for (let group = 0, at = 0; group < groups; group += 1) {
      let number = 0;
      for (const end = at + 5; at < end; at += 1) {
        const code = at < text.length ? text.charCodeAt(at) : 124;
        number = number * 85 + (code === 126 ? 20 : code - 40);
      }
      view.setUint32(group * 4, number);
    }
    return new Uint8Array(view.buffer, 0, Math.floor(text.length * 4 / 5));
  };
  const start = async () => {
    const packed = (id) => unpackLzma(unpack(document.getElementById(id).textContent));
    const module = await WebAssembly.compile(packed('digpod-wasm'));
    // The page's policy has the hash of what is run here.
    const glue = document.createElement('script');
    glue.textContent = new TextDecoder().decode(packed('digpod-glue'));
    document.head.append(glue);
    const script = document.getElementById('digpod-script').textContent;
    const all = [glue.textContent, '\n', script];
    const url = URL.createObjectURL(new Blob(all, { type: 'text/javascript' }));
    globalThis.digpodWorker = () => {
      const worker = new Worker(url);
      worker.postMessage(module);
      return worker;
    };
    await wasm_bindgen({ module_or_path: module });
    document.getElementById('boot')?.remove();
  };
  start().catch(fail);
})();
