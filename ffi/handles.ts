// Branded native types: a `struct bpf_link *` cannot be passed for a `struct bpf_object *`.
declare const brand: unique symbol;

/** A non-null pointer to a C struct of the given name. */
export type Handle<Name extends string> = Deno.PointerObject<{ [brand]: Name }>;

export type ObjectHandle = Handle<"bpf_object">;
export type ProgramHandle = Handle<"bpf_program">;
export type MapHandle = Handle<"bpf_map">;
export type LinkHandle = Handle<"bpf_link">;
export type BtfHandle = Handle<"btf">;

export const object_p = "pointer" as Deno.NativeTypedPointer<ObjectHandle>;
export const program_p = "pointer" as Deno.NativeTypedPointer<ProgramHandle>;
export const map_p = "pointer" as Deno.NativeTypedPointer<MapHandle>;
export const link_p = "pointer" as Deno.NativeTypedPointer<LinkHandle>;
export const btf_p = "pointer" as Deno.NativeTypedPointer<BtfHandle>;
