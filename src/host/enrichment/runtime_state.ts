// What container runtimes write about their containers: names, images, pods. Pure parsers.
import * as z from "zod";
import { visibleLine } from "../../view/text.ts";

/** What a runtime calls a container; what its files do not tell is absent. */
export interface ContainerName {
  readonly name?: string;
  readonly image?: string;
  /** Of Kubernetes: `namespace/name`. */
  readonly pod?: string;
}

const labels = z.record(z.string(), z.unknown());

/** /var/lib/docker/containers/ID/config.v2.json */
const dockerConfig = z.object({
  Name: z.string().optional(),
  Config: z.object({ Image: z.string().optional(), Labels: labels.nullish() }).optional(),
});

/** config.json of the OCI runtime specification. */
const runtimeSpec = z.object({ annotations: labels.nullish() });

/** containers.json of containers/storage, which Podman and CRI-O share. */
const storedContainers = z.array(z.object({
  id: z.string(),
  names: z.array(z.string()).nullish(),
  metadata: z.string().nullish(),
}));

const storedMetadata = z.object({
  "name": z.string().optional(),
  "image-name": z.string().optional(),
  "pod-name": z.string().optional(),
  "metadata-name": z.string().optional(),
  "namespace": z.string().optional(),
});

/** Null for what is not such a file. */
export function parseDocker(text: string): ContainerName | null {
  const { Name, Config } = parsed(dockerConfig, text) ?? {};
  if (Name === undefined && Config === undefined) return null;
  const own = Config?.Labels ?? {};
  return named({
    name: own["io.kubernetes.container.name"] ?? Name?.replace(/^\//, ""),
    image: Config?.Image,
    namespace: own["io.kubernetes.pod.namespace"],
    pod: own["io.kubernetes.pod.name"],
  });
}

/** What containerd (for Kubernetes, and for nerdctl) and CRI-O put into a container's spec. */
export function parseRuntimeSpec(text: string): ContainerName | null {
  const spec = parsed(runtimeSpec, text);
  if (spec === null) return null;
  const own = spec.annotations ?? {};
  return named({
    name: own["io.kubernetes.cri.container-name"] ?? own["io.kubernetes.container.name"] ??
      own["nerdctl/name"],
    image: own["io.kubernetes.cri.image-name"] ?? own["io.kubernetes.cri-o.ImageName"] ??
      own["nerdctl/image-ref"],
    namespace: own["io.kubernetes.cri.sandbox-namespace"] ?? own["io.kubernetes.pod.namespace"],
    pod: own["io.kubernetes.cri.sandbox-name"] ?? own["io.kubernetes.pod.name"],
  });
}

/** Every container that containers/storage knows, by its whole id. */
export function parseStorage(text: string): ReadonlyMap<string, ContainerName> {
  const found = new Map<string, ContainerName>();
  for (const { id, names, metadata } of parsed(storedContainers, text) ?? []) {
    const own = parsed(storedMetadata, metadata ?? "{}") ?? {};
    const name = named({
      name: own["metadata-name"] ?? own.name ?? names?.[0],
      image: own["image-name"],
      namespace: own.namespace,
      pod: own["pod-name"],
    });
    if (name !== null) found.set(id, name);
  }
  return found;
}

interface Words {
  readonly name?: unknown;
  readonly image?: unknown;
  readonly namespace?: unknown;
  readonly pod?: unknown;
}

function named({ name, image, namespace, pod }: Words): ContainerName | null {
  const whole = isWord(pod) && isWord(namespace) ? `${namespace}/${pod}` : pod;
  const found = {
    ...(isWord(name) ? { name: clean(name) } : {}),
    ...(isWord(image) ? { image: clean(image) } : {}),
    ...(isWord(whole) ? { pod: clean(whole) } : {}),
  };
  return Object.keys(found).length === 0 ? null : found;
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

const MAX_TEXT = 256;

/** Whoever starts a container chooses these. */
function clean(text: string): string {
  return visibleLine(text.slice(0, MAX_TEXT));
}

function parsed<Shape>(schema: z.ZodType<Shape>, text: string): Shape | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // half written, or something else
    throw error;
  }
}
