// Maps whose elements bpf(2) does not list, and where what is in them can be seen instead.
import { mapTypes } from "./uapi_types.ts";

type MapTypeName = typeof mapTypes[number];

const taken = "its elements cannot be read without taking them";
const hangsOn = (what: string) =>
  `its values hang on ${what}: only its programs, and iterators, can walk them`;

const hints: Partial<Record<MapTypeName, string>> = {
  ringbuf: "use stream_events",
  perf_event_array: "use stream_events",
  user_ringbuf: taken,
  queue: taken,
  stack: taken,
  bloom_filter: "it only tells a program whether a value may be in it",
  struct_ops: "it holds the programs of the same object: see inspect_state",
  arena: "it is memory that its programs and their user space share, without elements",
  cgroup_array: "the kernel does not tell which cgroups are in it",
  xskmap: "the kernel does not tell which sockets are in it",
  sk_storage: hangsOn("sockets"),
  inode_storage: hangsOn("files"),
  task_storage: hangsOn("tasks"),
  cgrp_storage: hangsOn("cgroups"),
};

/** What to do instead of listing a map of this type; null where its elements can be listed. */
export function unlistedHint(type: number): { type: string; hint: string } | null {
  const name = mapTypes[type];
  const hint = name === undefined ? undefined : hints[name];
  return hint === undefined ? null : { type: name, hint };
}
