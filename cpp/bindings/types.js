// How values cross the boundary: wire.h from JavaScript's side.

addToLibrary({
  // Blocks that JavaScript has made for the calls at hand; embind.js frees them.
  $blocks: [],

  $allocate__deps: ['$blocks', 'malloc'],
  $allocate: (size) => {
    const address = _malloc(size);
    if (!address) throw Module.createError(4, 'out of memory');
    blocks.push(address);
    return address;
  },

  $bytesTo__deps: ['$allocate'],
  $bytesTo: (bytes) => {
    const address = allocate(4 + bytes.length);
    HEAPU32[address >>> 2] = bytes.length;
    HEAPU8.set(bytes, address + 4);
    return address;
  },

  $bytesFrom__deps: ['free'],
  $bytesFrom: (address) => {
    // What functions return is signed, and places before 0 count from the end.
    address >>>= 0;
    // A copy: memory may be shared, which decoders refuse.
    const bytes = HEAPU8.slice(address + 4, address + 4 + HEAPU32[address >>> 2]);
    _free(address);
    return bytes;
  },

  // What is not a number becomes NaN, which the engine refuses.
  $numbersOf: (list) => Float64Array.from(list, (item) => (typeof item === 'number' ? item : NaN)),

  $wordsTo__deps: ['$allocate'],
  $wordsTo: (count, words) => {
    const address = allocate(4 + 4 * words.length);
    HEAPU32.set([count, ...words], address >>> 2);
    return address;
  },

  // By the names that types.cc gives them.
  $wireTypes__deps: [
    '$EngineHandle',
    '$UTF8Decoder',
    '$adapters',
    '$allocate',
    '$bytesFrom',
    '$bytesTo',
    '$numbersOf',
    '$wordsTo',
    'free',
  ],
  $wireTypes: {
    void: { from: () => undefined },
    bool: { from: (flag) => !!flag, to: (flag) => !!flag },
    // What no address reaches is too large anyway, and must not wrap around.
    size_t: { from: (size) => size >>> 0, to: (size) => Math.min(size, 0xffffffff) },
    double: { from: (number) => number, to: (number) => number },
    text: {
      from: (address) => UTF8Decoder.decode(bytesFrom(address)),
      to: (text) => bytesTo(new TextEncoder().encode(text)),
    },
    numbers: {
      from: (address) => {
        const first = (address >>> 3) + 1;
        const list = Array.from(HEAPF64.subarray(first, first + HEAPF64[first - 1]));
        _free(address);
        return list;
      },
      to: (list) => {
        if (list === undefined) return 0;
        const address = allocate(8 + 8 * list.length);
        HEAPF64.set([list.length, ...numbersOf(list)], address >>> 3);
        return address;
      },
    },
    handles: { to: (list) => wordsTo(list.length, list.map(EngineHandle.address)) },
    records: {
      from: (address) => {
        const first = (address >>> 2) + 1;
        const words = Array.from(HEAPU32.subarray(first, first + 4 * HEAPU32[first - 1]));
        _free(address);
        const records = [];
        while (words.length) {
          const [name, value, gradient, trainable] = words.splice(0, 4);
          records.push({
            name: wireTypes.text.from(name),
            value: EngineHandle.tensor(value),
            gradient: EngineHandle.tensor(gradient),
            trainable: !!trainable,
          });
        }
        return records;
      },
      to: (records) =>
        wordsTo(
          records.length,
          records.flatMap(({ name, value, gradient, trainable }) => [
            wireTypes.text.to(name),
            EngineHandle.address(value),
            EngineHandle.address(gradient),
            trainable,
          ]),
        ),
    },
    view: {
      from: (view) =>
        new Float32Array(HEAPU8.buffer, HEAPU32[view >>> 2], HEAPU32[(view >>> 2) + 1]),
    },
    // The bytes of a Config: config.h tells how they follow each other.
    settings: {
      from: (address) => {
        const bytes = bytesFrom(address);
        const settings = {};
        let position = 0;
        const field = () => {
          const [size] = new Uint32Array(bytes.slice(position, position + 4).buffer);
          position += 4 + size;
          return bytes.slice(position - size, position);
        };
        while (position < bytes.length) {
          const key = UTF8Decoder.decode(field());
          const kind = bytes[position++];
          const value = field();
          if (kind === 2) {
            settings[key] = UTF8Decoder.decode(value);
          } else {
            const numbers = Array.from(new Float64Array(value.buffer));
            settings[key] = kind === 3 ? numbers : kind ? numbers[0] : !!numbers[0];
          }
        }
        return settings;
      },
      to: (settings) => {
        const parts = [];
        const field = (bytes) =>
          parts.push(new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes);
        for (const [key, value] of Object.entries(settings)) {
          if (value === undefined || value === null) continue;
          const text = (value) => new TextEncoder().encode(value);
          const numbers = (list) => new Uint8Array(numbersOf(list).buffer);
          field(text(key));
          const kind = Array.isArray(value)
            ? 3
            : ({ boolean: 0, number: 1, string: 2 }[typeof value] ?? 4);
          parts.push([kind]);
          if (kind < 2) field(numbers([+value]));
          else if (kind === 3) field(numbers(value));
          else field(text(kind === 2 ? value : Module.describe(value)));
        }
        return bytesTo(parts.flatMap((part) => [...part]));
      },
    },
    adapter: {
      to: (adapter) => {
        const free = adapters.indexOf(undefined);
        if (free < 0) return adapters.push(adapter) - 1;
        adapters[free] = adapter;
        return free;
      },
    },
  },

  $typesById: {},

  lamella_register_type__sig: 'vpp',
  lamella_register_type__deps: ['$UTF8ToString', '$typesById', '$wireTypes'],
  lamella_register_type: (type, name) => {
    typesById[type] = wireTypes[UTF8ToString(name)];
  },

  // Layers and losses written in TypeScript: adapter.h.
  $adapters: [],

  $adapterMethods__deps: ['$EngineHandle', '$wireTypes'],
  $adapterMethods: {
    build: (adapter, shape) => wireTypes.numbers.to(adapter.build(wireTypes.numbers.from(shape))),
    forward: (adapter, input, training) =>
      EngineHandle.address(adapter.forward(EngineHandle.tensor(input), !!training)),
    backward: (adapter, gradient) =>
      EngineHandle.address(adapter.backward(EngineHandle.tensor(gradient))),
    params: (adapter) => wireTypes.records.to(adapter.params()),
    state: (adapter) => wireTypes.records.to(adapter.state()),
    value: (adapter, output, expected) =>
      wireTypes.numbers.to([
        adapter.value(EngineHandle.tensor(output), EngineHandle.tensor(expected)),
      ]),
    gradient: (adapter, output, expected) =>
      EngineHandle.address(
        adapter.gradient(EngineHandle.tensor(output), EngineHandle.tensor(expected)),
      ),
  },

  lamella_call_adapter__sig: 'ppppp',
  lamella_call_adapter__deps: ['$UTF8ToString', '$adapterMethods', '$adapters'],
  lamella_call_adapter: (adapter, method, parameter, other) =>
    adapterMethods[UTF8ToString(method)](adapters[adapter], parameter, other),

  lamella_release_adapter__sig: 'vp',
  lamella_release_adapter__deps: ['$adapters'],
  lamella_release_adapter: (adapter) => {
    adapters[adapter] = undefined;
  },

  lamella_number_text__sig: 'pdp',
  lamella_number_text: (number, to) => {
    const text = String(number);
    HEAPU8.set(new TextEncoder().encode(text), to);
    return text.length;
  },

  lamella_raise__sig: 'vpp',
  lamella_raise__deps: ['$UTF8ToString'],
  lamella_raise: (kind, message) => {
    throw Module.createError(kind, UTF8ToString(message));
  },
});
