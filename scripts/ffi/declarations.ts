// clang's AST (JSON) of the included headers: functions, structs, typedefs, enumerators.
import { includeName } from "./include_tree.ts";
import { isNode, type JsonNode, nodeOf, nodesOf, textOf } from "./json_node.ts";

export interface FunctionDeclaration {
  /** Names of the files that declare it. */
  files: Set<string>;
  /** C type of the result. */
  result: string;
  /** C types of the fixed parameters. */
  parameters: string[];
  arity: "fixed" | "variadic";
  /** Position among all declarations. */
  order: number;
}

export interface Declarations {
  functions: Map<string, FunctionDeclaration>;
  /** C type behind each typedef. */
  typedefs: Map<string, string>;
  /** Structs with a body: who declares them, their named members in order, no bitfields. */
  structs: Map<string, { file: string; members: string[] }>;
  /** File of each enumerator. */
  enumerators: Map<string, string>;
}

/** Reads `clang -Xclang -ast-dump=json`. */
export function readDeclarations(json: string): Declarations {
  const root: unknown = JSON.parse(json);
  const found: Declarations = {
    functions: new Map(),
    typedefs: new Map(),
    structs: new Map(),
    enumerators: new Map(),
  };
  if (!isNode(root)) return found;
  const files = new FileTracker();
  for (const [order, node] of nodesOf(root, "inner").entries()) {
    const file = files.enter(node);
    if (node.isImplicit !== true) addDeclaration(found, node, file, order);
  }
  return found;
}

/** clang names a location's file only where it differs from the location printed before it. */
class FileTracker {
  #current = "";

  /** The file of a declaration; afterwards everything inside it has been passed. */
  enter(node: JsonNode): string {
    this.#pass(node.loc);
    const file = this.#current;
    for (const [key, value] of Object.entries(node)) if (key !== "loc") this.#pass(value);
    return file;
  }

  #pass(value: unknown): void {
    if (Array.isArray(value)) {
      for (const element of value) this.#pass(element);
    } else if (isNode(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (key === "includedFrom") continue;
        if (key === "file" && typeof member === "string") this.#current = includeName(member);
        else if (typeof member === "object") this.#pass(member);
      }
    }
  }
}

function addDeclaration(found: Declarations, node: JsonNode, file: string, order: number): void {
  const name = textOf(node, "name");
  const kind = textOf(node, "kind");
  const type = nodeOf(node, "type");
  if (kind === "EnumDecl") {
    for (const enumerator of nodesOf(node, "inner")) {
      const constant = textOf(enumerator, "name");
      if (constant !== undefined) found.enumerators.set(constant, file);
    }
  }
  if (name === undefined) return;
  if (kind === "FunctionDecl") {
    const known = found.functions.get(name);
    if (known === undefined) found.functions.set(name, functionOf(node, file, order));
    else known.files.add(file);
  } else if (kind === "TypedefDecl") {
    found.typedefs.set(name, textOf(type, "desugaredQualType") ?? textOf(type, "qualType") ?? "");
  } else if (kind === "RecordDecl" && node.completeDefinition === true) {
    const fields = nodesOf(node, "inner").filter(({ kind, isBitfield }) =>
      kind === "FieldDecl" && isBitfield !== true
    );
    const members = fields.flatMap((field) => textOf(field, "name") ?? []);
    found.structs.set(name, { file, members });
  }
}

function functionOf(node: JsonNode, file: string, order: number): FunctionDeclaration {
  const parameters = nodesOf(node, "inner").filter((inner) => inner.kind === "ParmVarDecl");
  const signature = textOf(nodeOf(node, "type"), "qualType") ?? "";
  return {
    files: new Set([file]),
    result: signature.slice(0, signature.indexOf("(")).trim(),
    parameters: parameters.map((node) => textOf(nodeOf(node, "type"), "qualType") ?? ""),
    arity: node.variadic === true ? "variadic" : "fixed",
    order,
  };
}
