// An elicited answer held against the form that asked for it: clients are not believed.
import { type EBPFError, validationError } from "../errors.ts";
import type { Form, FormField, FormValue } from "../tools/client.ts";

/** No field is longer, whatever the form allows. */
const longestText = 64 * 1024;

/**
 * The values of an accepted form.
 * @throws validation/invalid_arguments naming the field at fault
 */
export function checkForm(
  form: Form,
  content: Readonly<Record<string, unknown>>,
): Record<string, FormValue> {
  const fields = new Map(Object.entries(form.fields));
  const values: Record<string, FormValue> = {};
  for (const [name, value] of Object.entries(content)) {
    const field = fields.get(name);
    if (field === undefined) throw misfit(name, "the form has no such field");
    values[name] = checkField(name, field, value);
  }
  const missing = form.required?.find((name) => !Object.hasOwn(values, name));
  if (missing !== undefined) throw misfit(missing, "it is missing");
  return values;
}

function misfit(name: string, reason: string): EBPFError {
  const message = `Cannot use the client's answer: "${name.slice(0, 100)}": ${reason}`;
  return validationError("invalid_arguments", message);
}

function checkField(name: string, field: FormField, value: unknown): FormValue {
  switch (field.type) {
    case "boolean":
      if (typeof value === "boolean") return value;
      throw misfit(name, "wanted true or false");
    case "number":
    case "integer":
      return checkNumber(name, field, value);
    case "string":
      return checkText(name, field, value);
    case "array":
      return checkChoices(name, field, value);
  }
}

type NumberField = Extract<FormField, { type: "number" | "integer" }>;
type TextField = Extract<FormField, { type: "string" }>;
type ChoicesField = Extract<FormField, { type: "array" }>;

function checkNumber(name: string, field: NumberField, value: unknown): number {
  const { minimum = -Infinity, maximum = Infinity } = field;
  if (typeof value !== "number" || !Number.isFinite(value)) throw misfit(name, "wanted a number");
  if (field.type === "integer" && !Number.isInteger(value)) throw misfit(name, "wanted an integer");
  if (value >= minimum && value <= maximum) return value;
  throw misfit(name, `${value} is out of ${minimum} to ${maximum}`);
}

function checkText(name: string, field: TextField, value: unknown): string {
  if (typeof value !== "string") throw misfit(name, "wanted text");
  const choices = choicesOf(field);
  if (choices !== null) {
    if (choices.includes(value)) return value;
    throw misfit(name, `wanted one of ${choices.join(", ")}`);
  }
  const { minLength = 0, maxLength = longestText } = "enum" in field || "oneOf" in field
    ? {}
    : field;
  if (value.length >= minLength && value.length <= Math.min(maxLength, longestText)) return value;
  throw misfit(name, `it has ${value.length} characters, wanted ${minLength} to ${maxLength}`);
}

function choicesOf(field: TextField): readonly string[] | null {
  if ("enum" in field) return field.enum;
  if ("oneOf" in field) return field.oneOf.map((choice) => choice.const);
  return null;
}

function checkChoices(name: string, field: ChoicesField, value: unknown): string[] {
  const { items, minItems = 0, maxItems = Infinity } = field;
  const known = "enum" in items ? items.enum : items.anyOf.map((choice) => choice.const);
  if (!Array.isArray(value)) throw misfit(name, "wanted a list");
  if (value.length < minItems || value.length > Math.min(maxItems, known.length)) {
    throw misfit(name, `it has ${value.length} choices`);
  }
  return value.map((one: unknown) => {
    if (typeof one === "string" && known.includes(one)) return one;
    throw misfit(name, `wanted some of ${known.join(", ")}`);
  });
}
