// Unpacks LZMA as Igor Pavlov's specification has it: a header of 13 bytes, then one stream.
// It is a quarter smaller than gzip, which browsers unpack themselves.
const unpackLzma = (input) => {
  'use strict';
  const head = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const lc = input[0] % 9;
  const lp = Math.floor(input[0] / 9) % 5;
  const pb = Math.floor(input[0] / 45);
  const output = new Uint8Array(head.getUint32(5, true));
  let code = head.getUint32(14);
  let range = 0xffffffff;
  let next = 18;

  const odds = (count) => new Uint16Array(count).fill(1024);
  const shift = () => {
    if (range < 0x1000000) {
      range *= 256;
      code = code * 256 + input[next];
      next += 1;
    }
  };
  const bit = (of, at) => {
    const odd = of[at];
    const bound = (range >>> 11) * odd;
    const one = code >= bound;
    if (one) {
      range -= bound;
      code -= bound;
      of[at] = odd - (odd >> 5);
    } else {
      range = bound;
      of[at] = odd + ((2048 - odd) >> 5);
    }
    shift();
    return one ? 1 : 0;
  };
  const tree = (of, from, bits) => {
    let node = 1;
    for (let n = 0; n < bits; n += 1) node = node * 2 + bit(of, from + node);
    return node - (1 << bits);
  };
  const reversed = (of, from, bits) => {
    let node = 1;
    let value = 0;
    for (let n = 0; n < bits; n += 1) {
      const one = bit(of, from + node);
      node = node * 2 + one;
      value |= one << n;
    }
    return value;
  };
  const plain = (bits) => {
    let value = 0;
    for (let n = 0; n < bits; n += 1) {
      range >>>= 1;
      const one = code >= range;
      if (one) code -= range;
      value = value * 2 + (one ? 1 : 0);
      shift();
    }
    return value;
  };
  const lengths = () => {
    const [choice, low, middle, high] = [odds(2), odds(128), odds(128), odds(256)];
    return (place) => {
      if (!bit(choice, 0)) return tree(low, place * 8, 3);
      if (!bit(choice, 1)) return 8 + tree(middle, place * 8, 3);
      return 16 + tree(high, 0, 8);
    };
  };

  const literals = odds(0x300 << (lc + lp));
  const [isMatch, isRepeatedLong] = [odds(192), odds(192)];
  const [isRepeated, isNotLast, isNotSecond, isFourth] = [odds(12), odds(12), odds(12), odds(12)];
  const [slots, distances, lowest] = [odds(256), odds(115), odds(16)];
  const [matchLength, repeatedLength] = [lengths(), lengths()];
  // The distances of the last four matches, the latest first.
  let [last, second, third, fourth] = [0, 0, 0, 0];
  let state = 0;
  let at = 0;
  while (at < output.length) {
    const place = at & ((1 << pb) - 1);
    if (!bit(isMatch, state * 16 + place)) {
      const before = at > 0 ? output[at - 1] : 0;
      const context = ((at & ((1 << lp) - 1)) << lc) + (before >> (8 - lc));
      const from = 0x300 * context;
      let symbol = 1;
      if (state >= 7) {
        let match = output[at - last - 1];
        while (symbol < 0x100) {
          const expected = (match >> 7) & 1;
          match <<= 1;
          const one = bit(literals, from + ((1 + expected) << 8) + symbol);
          symbol = symbol * 2 + one;
          if (one !== expected) break;
        }
      }
      while (symbol < 0x100) symbol = symbol * 2 + bit(literals, from + symbol);
      output[at] = symbol;
      at += 1;
      state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      continue;
    }
    let length;
    if (bit(isRepeated, state)) {
      if (bit(isNotLast, state)) {
        let distance = second;
        if (bit(isNotSecond, state)) {
          distance = third;
          if (bit(isFourth, state)) {
            distance = fourth;
            fourth = third;
          }
          third = second;
        }
        second = last;
        last = distance;
      } else if (!bit(isRepeatedLong, state * 16 + place)) {
        state = state < 7 ? 9 : 11;
        output[at] = output[at - last - 1];
        at += 1;
        continue;
      }
      length = repeatedLength(place);
      state = state < 7 ? 8 : 11;
    } else {
      [fourth, third, second] = [third, second, last];
      length = matchLength(place);
      state = state < 7 ? 7 : 10;
      last = tree(slots, Math.min(length, 3) * 64, 6);
      if (last >= 4) {
        const slot = last;
        const bits = (slot >> 1) - 1;
        last = (2 | (slot & 1)) << bits;
        last += slot < 14
          ? reversed(distances, last - slot, bits)
          : plain(bits - 4) * 16 + reversed(lowest, 0, 4);
      }
    }
    for (const end = at + length + 2; at < end; at += 1) output[at] = output[at - last - 1];
  }
  return output;
};
