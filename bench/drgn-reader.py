"""Reads run queues out of a core file with drgn, as often as it is told. See peer-drgn.ts for what goes in and out."""

import json
import sys
import time

from drgn import Object, Program, TypeMember

orders = json.loads(sys.stdin.readline())
prog = Program()
prog.set_core_dump(orders["core"])
at = orders["offsets"]
queues = orders["queues"]


def read_raw():
    """At addresses that it is given: the least that drgn can do."""
    values = []
    for queue in queues:
        pid = prog.read_u32(prog.read_u64(queue + at["curr"]) + at["pid"])
        values.append((prog.read_u32(queue + at["nr_running"]), prog.read_u64(queue + at["clock"]), pid))
    return values


def make_objects():
    """Objects with types, as scripts for drgn have them. The kernel comes without DWARF, so the types are made here."""
    u32 = prog.int_type("unsigned int", 4, False)
    u64 = prog.int_type("unsigned long long", 8, False)
    task = prog.struct_type("task_struct", at["pid"] + 4, (TypeMember(u32, "pid", at["pid"] * 8),))
    members = (
        TypeMember(u32, "nr_running", at["nr_running"] * 8),
        TypeMember(u64, "clock", at["clock"] * 8),
        TypeMember(prog.pointer_type(task), "curr", at["curr"] * 8),
    )
    rq = prog.struct_type("rq", max(at.values()) + 8, members)
    return [Object(prog, rq, address=queue) for queue in queues]


objects = make_objects()


def read_objects():
    return [(rq.nr_running.value_(), rq.clock.value_(), rq.curr.pid.value_()) for rq in objects]


def timed(read, passes, pause_s):
    """Nanoseconds of that many passes, without the pauses between them."""
    total = 0
    for _ in range(passes):
        time.sleep(pause_s)
        began = time.perf_counter_ns()
        values = read()
        total += time.perf_counter_ns() - began
    return total, values


def timed_at_once(read, passes):
    began = time.perf_counter_ns()
    for _ in range(passes):
        values = read()
    return time.perf_counter_ns() - began, values


READERS = {"raw": read_raw, "objects": read_objects}
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    read, passes, pause_ms = READERS[order["reader"]], order["passes"], order["pauseMs"]
    ns, values = timed(read, passes, pause_ms / 1000) if pause_ms > 0 else timed_at_once(read, passes)
    print(json.dumps({"ns": ns, "values": [[nr, str(clock), pid] for nr, clock, pid in values]}), flush=True)
