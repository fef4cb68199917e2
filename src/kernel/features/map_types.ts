// Which map types the running kernel takes, and with what: small maps, created and closed at once.
import type { Btf } from "../../btf/btf.ts";
import type { Attempts } from "./attempt.ts";
import { type NumberedName, numberedNames, uapiEnums } from "./enums.ts";
import { type Feature, refusal } from "./feature.ts";
import { neededForMap } from "./map_facts.ts";
import { type MapLimits, mapLimits } from "./map_limits.ts";
import { MapMaterial, type MapShape } from "./map_shapes.ts";
import type { Privileges } from "./privileges.ts";

const EPERM = 1;

export interface MapTypeFeature extends Feature {
  /** `enum bpf_map_type`. */
  readonly number: number;
}

export interface MapTypeDetails {
  /** Null where the size of a kernel struct decides. */
  readonly limits: MapLimits | null;
  readonly needsBtf: boolean;
  readonly needsInnerMap: boolean;
  /** The value is a struct of the kernel's, with operations. */
  readonly needsKernelStruct: boolean;
  /** Whether it may be put into a map of maps; null where there are none to try it with. */
  readonly canBeInner: boolean | null;
}

const ofKernelStructs: MapTypeDetails = {
  limits: null,
  needsBtf: true,
  needsInnerMap: false,
  needsKernelStruct: true,
  canBeInner: null,
};

export class MapTypes {
  readonly #attempts: Attempts;
  readonly #privileges: Privileges;
  readonly #btf: Btf | null;

  constructor(attempts: Attempts, privileges: Privileges, btf: Btf | null) {
    this.#attempts = attempts;
    this.#privileges = privileges;
    this.#btf = btf;
  }

  names(): NumberedName[] {
    return numberedNames(uapiEnums.mapType, this.#btf);
  }

  /** Every type that the kernel or this program knows, by rising number. */
  all(): MapTypeFeature[] {
    using material = new MapMaterial(this.#attempts);
    return this.names().map((type) => this.#feature(type, material.find(type.number)));
  }

  /** What maps of a type want; null where the kernel takes none. */
  details(type: NumberedName): MapTypeDetails | null {
    using material = new MapMaterial(this.#attempts);
    const shape = material.find(type.number);
    if (shape === "operations") return ofKernelStructs;
    if (typeof shape === "number") return null;
    const { needsBtf, needsInnerMap } = shape;
    return {
      limits: mapLimits(this.#attempts, shape.attempt),
      needsBtf,
      needsInnerMap,
      needsKernelStruct: false,
      canBeInner: this.#canBeInner(material, shape),
    };
  }

  #feature(
    { name, number }: NumberedName,
    found: MapShape | "operations" | number,
  ): MapTypeFeature {
    if (typeof found === "object") {
      return { name, number, accepted: true, errno: null, why: "a small one could be created" };
    }
    if (found === "operations") {
      return {
        name,
        number,
        accepted: true,
        errno: null,
        why: "the kernel wants a struct of its own",
      };
    }
    const lacking = this.#privileges.lacking(neededForMap(name));
    return { name, number, ...refusal(found, "map type", { lacking, allowed: this.#isAllowed() }) };
  }

  #canBeInner(material: MapMaterial, shape: MapShape): boolean | null {
    const outer = this.names().find(({ name }) => name === "array_of_maps");
    const found = outer === undefined ? null : material.find(outer.number);
    if (found === null || typeof found !== "object") return null;
    return material.canBeInner(shape, found);
  }

  /** Whether bpf(2) refuses this process even the plainest map. */
  #isAllowed(): boolean {
    const array = this.names().find(({ name }) => name === "array")?.number ?? 0;
    const attempt = { type: array, keyBytes: 4, valueBytes: 4, maxEntries: 1, flags: 0 };
    return this.#attempts.create(attempt) !== EPERM;
  }
}
