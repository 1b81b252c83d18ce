// What a GGUF file says of itself, as far as the page needs it: is all of it there, and how long a context was it made
// for? Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

const LONGEST_HEAD = 64 * 2 ** 20; // bytes; vocabularies take about 20 MB
const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]; // of the types of values; 8 is a text, 9 an array
const BLOCKS = {
  0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34], 10: [256, 84],
  11: [256, 110], 12: [256, 144], 13: [256, 176], 14: [256, 210], 16: [256, 66], 17: [256, 74], 18: [256, 98],
  19: [256, 50], 20: [32, 18], 21: [256, 110], 22: [256, 82], 23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4],
  27: [1, 8], 28: [1, 8], 29: [256, 56], 30: [1, 2], 39: [32, 17],
}; // type of a tensor: elements and bytes of a block; of types that are not here only the beginning is known

/** `{ context, missing }` of a file: tokens it was made for, and how many bytes are not there. Throws for no GGUF. */
export async function read(file) {
  const walk = new Walk(await file.slice(0, LONGEST_HEAD).arrayBuffer());
  if (walk.text(4) !== "GGUF") throw new Error("It does not begin as one.");
  if (![2, 3].includes(walk.number(4))) throw new Error("It is of a version that cannot be read.");
  try {
    return whatItSays(walk, file.size);
  } catch (error) {
    if (error instanceof RangeError) return { context: 0, missing: 1 };
    throw error;
  }
}

function whatItSays(walk, size) {
  const [tensors, keys] = [walk.number(8), walk.number(8)];
  let [context, alignment] = [0, 32];
  for (let key = 0; key < keys; key++) {
    const name = walk.text();
    const value = walk.value(walk.number(4));
    if (name.endsWith(".context_length")) context = value;
    if (name === "general.alignment") alignment = value;
  }
  let end = 0;
  for (let tensor = 0; tensor < tensors; tensor++) end = Math.max(end, endOfTensor(walk));
  const data = Math.ceil(walk.at / alignment) * alignment;
  return { context, missing: Math.max(0, data + end - size) };
}

function endOfTensor(walk) {
  walk.text();
  let elements = 1;
  for (let left = walk.number(4); left > 0; left--) elements *= walk.number(8);
  const [block, bytes] = BLOCKS[walk.number(4)] ?? [1, 0];
  return walk.number(8) + (elements / block) * bytes;
}

/** Numbers and texts, one after the other. A step beyond the end is a RangeError. */
class Walk {
  constructor(buffer) {
    this.view = new DataView(buffer);
    this.at = 0;
  }

  number(bytes) {
    const at = this.skip(bytes);
    return bytes === 8 ? Number(this.view.getBigUint64(at, true)) : this.view.getUint32(at, true);
  }

  text(length = this.number(8)) {
    const at = this.skip(length);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, at, length));
  }

  value(type) {
    if (type === 8) return this.text();
    if (type === 9) return this.array();
    if (!SIZES[type]) throw new Error("It holds a value of a type that is not known.");
    return SIZES[type] >= 4 && type !== 6 && type !== 12 ? this.number(SIZES[type]) : this.skip(SIZES[type]);
  }

  array() {
    const [type, count] = [this.number(4), this.number(8)];
    if (SIZES[type]) this.skip(SIZES[type] * count);
    else for (let left = count; left > 0; left--) this.value(type);
  }

  /** Where the next `bytes` begin. */
  skip(bytes) {
    const at = this.at;
    this.at += bytes;
    if (!(bytes >= 0 && this.at <= this.view.byteLength)) throw new RangeError("beyond the end");
    return at;
  }
}
