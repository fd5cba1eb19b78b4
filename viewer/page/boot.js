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
  // Two letters of 91 are 13 bits: from ! to ~ without ", & and <.
  const unpack = (text) => {
    const digit = (at) => {
      const code = text.charCodeAt(at);
      return code - 33 - (code > 34) - (code > 38) - (code > 60);
    };
    const bytes = new Uint8Array(Math.floor(text.length * 13 / 16));
    let [held, bits, to] = [0, 0, 0];
    for (let at = 0; at + 1 < text.length; at += 2) {
      held = held * 8192 + digit(at) * 91 + digit(at + 1);
      bits += 13;
      while (bits >= 8) {
        bits -= 8;
        bytes[to] = held >>> bits;
        to += 1;
        held %= 2 ** bits;
      }
    }
    return bytes;
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
