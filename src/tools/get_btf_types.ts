// get_btf_types: what the kernel's types are, where their members lie, and as C.
import * as z from "zod";
import { KINDS } from "../btf/kind.ts";
import { type_limits, TypesAnswer, typesOutput } from "./btf/types_answer.ts";
import { defineTool } from "./define_tool.ts";

const kinds = KINDS.filter((kind) => kind !== "void");

export const getBtfTypes = defineTool({
  name: "get_btf_types",
  title: "Look up kernel types",
  doc: "The running kernel's types by BTF: members with offsets, enum values, function " +
    "prototypes. An exact name or id shows its parts (depth 2: structs inside, in C those " +
    "pointed to); as:c gives C of the same layout that compiles alone. path gives the reads that " +
    "task_struct.mm.exe_file takes; containers, who has members of the type.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none; CAP_SYS_ADMIN for btf_id", kernel: "5.4" },
  limits: { max_items: type_limits.items },
  maxTimeMs: 15_000,
  input: z.strictObject({
    pattern: z.string().max(256).optional()
      .describe("Name or part of it, glob, or /regex/"),
    kinds: z.array(z.enum(kinds)).max(kinds.length).optional(),
    id: z.int().min(1).max(0xffff_ffff).optional().describe("Type id"),
    module: z.string().max(64).optional().describe("A module's own types"),
    btf_id: z.int().min(1).max(0xffff_ffff).optional().describe("Of a program or map"),
    depth: z.int().min(0).max(8).optional(),
    as: z.enum(["json", "c"]).default("json"),
    path: z.string().max(512).optional(),
    containers: z.enum(["value", "pointer"]).optional(),
    limit: z.int().min(1).max(type_limits.items).optional(),
    cursor: z.string().max(512).optional(),
  }),
  output: typesOutput,
  run(args, { kernel, request }) {
    return new TypesAnswer(kernel.types, args, request.byteBudget).give();
  },
});
