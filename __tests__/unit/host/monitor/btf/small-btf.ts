import { BOOL, BtfBuilder, CHAR, SIGNED } from './build-btf';

/** A small blob with every kind, shaped like a run queue of the kernel. */
export function smallBtf(): { builder: BtfBuilder; blob: Buffer; ids: ReturnType<typeof addTypes> } {
  const builder = new BtfBuilder();
  const ids = addTypes(builder);
  return { builder, blob: builder.build(), ids };
}

function addTypes(b: BtfBuilder) {
  const int = b.int('int', 4, { encoding: SIGNED });
  const u32 = b.typedef('u32', b.int('unsigned int', 4));
  const u64 = b.int('unsigned long', 8);
  const char = b.int('char', 1, { encoding: CHAR });
  const bool = b.int('_Bool', 1, { encoding: BOOL });
  const double = b.float('double', 8);
  const comm = b.array(char, 16);
  const state = b.enum('state', { DEAD: -1, IDLE: 0, BUSY: 1 }, { isSigned: true });
  const exit = b.enum64('exit_kind', { NONE: 0n, ERROR: 1024n, HUGE: 1n << 63n });
  const opaque = b.fwd('sched_class', 'struct');
  const rcuPointer = b.ptr(b.typeTag('rcu', opaque));
  const volatileU32 = b.qualifier('volatile', u32);
  const constChar = b.qualifier('const', char);
  const name = b.qualifier('restrict', b.ptr(constChar));
  const innerUnion = b.union('', 8, [
    { name: 'vtime', type: u64, at: 0 },
    { name: 'slice', type: u32, at: 0 },
  ]);
  const inner = b.struct('', 16, [
    { name: 'weight', type: u32, at: 0 },
    { type: innerUnion, at: 64 },
  ]);
  const entity = b.struct('entity', 24, [
    { name: 'tag', type: int, at: 0 },
    { type: inner, at: 64 },
  ]);
  const flags = b.struct('flags', 4, [
    { name: 'on', type: bool, at: 0, width: 1 },
    { name: 'level', type: int, at: 1, width: 3 },
    { name: 'wide', type: u32, at: 4, width: 20 },
  ]);
  const entities = b.array(entity, 3);
  const grid = b.array(b.array(u32, 4), 2);
  const callback = b.ptr(
    b.funcProto(int, [
      { name: 'cpu', type: u32 },
      { name: '', type: 0 },
    ]),
  );
  const rq = b.struct('rq', 176, [
    { name: 'nr_running', type: volatileU32, at: 0 },
    { name: 'comm', type: comm, at: 32 },
    { name: 'state', type: state, at: 160 },
    { name: 'curr', type: rcuPointer, at: 192 },
    { name: 'name', type: name, at: 256 },
    { name: 'se', type: entities, at: 320 },
    { name: 'grid', type: grid, at: 896 },
    { name: 'flags', type: flags, at: 1152 },
    { name: 'exit', type: exit, at: 1216 },
    { name: 'load', type: double, at: 1280 },
    { name: 'callback', type: callback, at: 1344 },
    { name: 'tail', type: b.array(u64, 0), at: 1408 },
  ]);
  const dispatch = b.func('dispatch', b.funcProto(0, [{ name: 'rq', type: b.ptr(rq) }]));
  const declTag = b.declTag('hot', rq, 3);
  const stall = b.var('stall', u32);
  const runqueues = b.var('runqueues', rq);
  const bss = b.datasec('.bss', 184, [
    { var: stall, at: 0, size: 4 },
    { var: runqueues, at: 8, size: 176 },
  ]);
  return { int, u32, u64, char, comm, entity, flags, rq, dispatch, declTag, stall, bss, grid, callback, name, inner };
}
