// Runs a gadget: load, stream, attach; and release when its stream has ended.
import { internalError } from "../errors.ts";
import { log } from "../log.ts";
import { attach } from "../session/attach_program.ts";
import { CostMeter } from "../session/cost_meter.ts";
import { findStreamSource } from "../session/find_stream_source.ts";
import { loadObject } from "../session/load_object.ts";
import type { LoadedObject } from "../session/loaded_object.ts";
import { detachObject, unloadObject } from "../session/release.ts";
import type { Session } from "../session/session.ts";
import type { StreamOptions } from "../session/stream_options.ts";
import type { SessionStream } from "../session/streams.ts";
import { attachmentsOf, type ProgramAttachment } from "./attachment.ts";
import { openGate, shutGate } from "./gate.ts";
import { resolveGlobals } from "./parameters.ts";
import { readKernelFacts, requireFeatures } from "./readiness.ts";
import type { Gadget } from "./skeleton.ts";
import { UPROBE_STOP_NS } from "./uprobes.ts";

export interface GadgetRun {
  readonly object: LoadedObject;
  readonly stream: SessionStream;
}

export interface GadgetOptions extends Omit<StreamOptions, "mode" | "eventType" | "cost"> {
  /** Of one CPU, over a second: a run that takes more ends by "overhead". */
  readonly maxOverheadPercent?: number;
}

/** The map of a gadget's stacks (src/gadgets/field.ts, `kernel_stack`). */
const STACKS = "stacks";

/** Longest sleep of a timer: a run without an end is waited for again and again. */
const WAIT_MS = 60_000;

/**
 * Starts a gadget. The stream listens before the first program is attached, so that the first
 * event is seen. What was made is released when a step fails.
 * @throws what resolveGlobals, requireFeatures, loadObject, attach and the stream throw
 */
export async function startGadget(
  session: Session,
  gadget: Gadget,
  params: Readonly<Record<string, unknown>>,
  options: GadgetOptions,
  signal: AbortSignal,
): Promise<GadgetRun> {
  const globals = await resolveGlobals(gadget, params, signal);
  requireFeatures(gadget, readKernelFacts());
  const attachments = attachmentsOf(gadget, globals);
  const source = { type: "gadget", name: gadget.name } as const;
  const object = await loadObject(session, { source, globals, signal });
  const aroundNs = gadget.manifest.attach?.type === "uprobe" ? UPROBE_STOP_NS : 0n;
  const cost = new CostMeter(object.programs, session.services.runStatistics.hold(), aroundNs);
  try {
    const wanted = { ...options, cost, attachments };
    const stream = await begin(session, gadget, object, wanted, signal);
    const { maxOverheadPercent } = options;
    if (maxOverheadPercent !== undefined) {
      cost.watch(maxOverheadPercent, () => stream.stop("overhead"));
    }
    return { object, stream };
  } catch (error) {
    cost.finish();
    await endGadget(session, object);
    throw error;
  }
}

interface BeginOptions extends Omit<StreamOptions, "mode" | "eventType"> {
  readonly attachments: readonly ProgramAttachment[];
}

/** Its time runs from the moment on that its programs are attached, which may take longer. */
async function begin(
  session: Session,
  { manifest: { output, fields } }: Gadget,
  object: LoadedObject,
  { durationMs, attachments, ...options }: BeginOptions,
  signal: AbortSignal,
): Promise<SessionStream> {
  const map = object.maps.find(({ name }) => name === output.map);
  if (map === undefined) throw internalError(`Gadget "${object.name}" has no map "${output.map}"`);
  if (output.type === "events") {
    const events = findStreamSource([object], { mapId: map.info.id });
    const wanted = { ...options, eventType: output.event, mode: "consume" } as const;
    const stream = session.streams.start(events, wanted);
    await attachAll(session, object, attachments, signal);
    if (durationMs !== undefined) stream.endAfter(durationMs);
    return stream;
  }
  await attachAll(session, object, attachments, signal);
  openGate(object.maps);
  const stacks = object.maps.find(({ name }) => name === STACKS);
  const { symbolizer } = session.services;
  return session.streams.startTable({
    map,
    shape: { sort: output.sort, fields },
    ...(stacks === undefined ? {} : { stacks: { map: stacks, symbolizer } }),
    detach: async () => {
      shutGate(object.maps);
      await detachObject(session, object.objectId);
    },
    droppedCount: () => object.droppedCount(),
    missedRuns: () => object.missedRuns(),
  }, { durationMs, cost: options.cost, present: options.present });
}

/**
 * One after the other, in the order given. Waits for every attach, so that none comes after the
 * release when another has failed.
 */
async function attachAll(
  session: Session,
  object: LoadedObject,
  attachments: readonly ProgramAttachment[],
  signal: AbortSignal,
): Promise<void> {
  const attached = await Promise.allSettled(attachments.map(({ program, spec }) => {
    const loaded = object.programs.find((one) => one.program.name === program);
    if (loaded === undefined) {
      throw internalError(`Gadget "${object.name}" has no program "${program}"`);
    }
    return attach(session, loaded.info.id, spec, signal);
  }));
  const failed = attached.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Detaches and unloads what a run made; its stream keeps what it took. */
export async function endGadget(session: Session, { objectId }: LoadedObject): Promise<void> {
  if (session.objects.find(objectId) === undefined) return; // unloaded by the client, or the end
  await unloadObject(session, objectId);
}

/** Releases a run in the background as soon as its stream has ended, however it ends. */
export async function releaseWhenEnded(session: Session, run: GadgetRun): Promise<void> {
  const never = new AbortController().signal;
  while (run.stream.end === null) await run.stream.waitForEnd(WAIT_MS, never);
  try {
    await endGadget(session, run.object);
  } catch (error) {
    log("gadgets").error("Cannot release {gadget}: {error}", { gadget: run.object.name, error });
  }
}
