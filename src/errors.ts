// The one error that leaves a layer: whose problem it is, what we were doing, and what to do now.
import { errnoName } from "./errno.ts";

/** Whose problem an error is. */
export type ErrorCategory = "validation" | "permission" | "resource" | "kernel" | "internal";

/** What we were doing when it failed. A closed union, grouped by the category it usually has. */
export type ErrorCode =
  // validation: the request is wrong
  | "invalid_arguments"
  | "invalid_elf"
  | "invalid_btf"
  | "invalid_base64"
  | "blob_too_large"
  | "file_too_large"
  | "not_a_regular_file"
  | "checksum_mismatch"
  | "unknown_global"
  | "unknown_program"
  | "unknown_map"
  | "unknown_gadget"
  | "invalid_gadget"
  | "unknown_event_type"
  | "unknown_field"
  | "unknown_type"
  | "value_out_of_range"
  | "constraint_violated"
  | "attachment_mismatch"
  | "ambiguous_map_name"
  | "ambiguous_event_map"
  | "not_an_event_map"
  | "ambiguous_source"
  | "invalid_cursor"
  | "invalid_configuration"
  | "unknown_tool"
  | "unknown_prompt"
  | "invalid_plan"
  // permission: the operator says no
  | "tool_not_allowed"
  | "path_not_allowed"
  | "not_owner"
  | "not_permitted"
  // resource: it is not there, or there is no room
  | "file_not_found"
  | "object_not_found"
  | "program_not_found"
  | "map_not_found"
  | "link_not_found"
  | "btf_not_found"
  | "attachment_not_found"
  | "stream_not_found"
  | "resource_not_found"
  | "client_feature_missing"
  | "client_request_failed"
  | "map_in_use"
  | "interface_not_found"
  | "namespace_not_found"
  | "cgroup_not_found"
  | "container_not_found"
  | "process_not_found"
  | "limit_exceeded"
  | "deadline_exceeded"
  | "cancelled"
  // kernel: the kernel or libbpf refused
  | "object_open_failed"
  | "object_load_failed"
  | "program_load_rejected"
  | "link_attach_failed"
  | "link_detach_failed"
  | "map_read_failed"
  | "object_info_failed"
  | "ring_open_failed"
  | "ring_corrupt"
  | "netlink_failed"
  | "namespace_enter_failed"
  | "file_read_failed"
  | "feature_missing"
  | "library_missing"
  // internal: ours
  | "internal_error";

export interface ErrorContext {
  errno?: number;
  errno_name?: string;
  hint?: string;
  verifier_log?: string;
  [detail: string]: unknown;
}

/** The agreed wire shape of an error (DESIGN, Errors). */
export interface ErrorObject {
  category: ErrorCategory;
  code: ErrorCode;
  message: string;
  recoverable: boolean;
  timestamp: string;
  context: ErrorContext;
}

/** Codes after which the same caller can succeed by asking differently or later. */
const unrecoverable: ReadonlySet<ErrorCode> = new Set([
  "tool_not_allowed",
  "path_not_allowed",
  "not_owner",
  "not_permitted",
  "feature_missing",
  "library_missing",
  "internal_error",
]);

export class EBPFError extends Error {
  override readonly name = "EBPFError";
  /** True when the same caller can succeed by asking differently or later. */
  readonly recoverable: boolean;

  constructor(
    readonly category: ErrorCategory,
    readonly code: ErrorCode,
    message: string,
    readonly context: ErrorContext = {},
  ) {
    super(message);
    this.recoverable = !unrecoverable.has(code);
  }

  /** The wire shape; the registry, not the thrower, knows the time. */
  toObject(timestamp: Date): ErrorObject {
    const { category, code, message, recoverable, context } = this;
    return { category, code, message, recoverable, timestamp: timestamp.toISOString(), context };
  }
}

/** EPERM and EACCES are the kernel's permission answers, but the verifier also says EACCES. */
const EPERM = 1;
const EACCES = 13;

/** An error with an errno. `errno` is positive. The category comes from code and errno together. */
export function kernelError(
  code: ErrorCode,
  message: string,
  errno: number,
  context: ErrorContext = {},
): EBPFError {
  const refused = errno === EPERM || (errno === EACCES && code !== "program_load_rejected");
  const category = refused && code !== "feature_missing" ? "permission" : "kernel";
  const name = errnoName(errno);
  return new EBPFError(category, code, `${message}: ${name}`, {
    errno,
    errno_name: name,
    ...context,
  });
}

export function validationError(
  code: ErrorCode,
  message: string,
  context: ErrorContext = {},
): EBPFError {
  return new EBPFError("validation", code, message, context);
}

export function permissionError(
  code: ErrorCode,
  message: string,
  context: ErrorContext = {},
): EBPFError {
  return new EBPFError("permission", code, message, context);
}

export function resourceError(
  code: ErrorCode,
  message: string,
  context: ErrorContext = {},
): EBPFError {
  return new EBPFError("resource", code, message, context);
}

export function internalError(message: string, context: ErrorContext = {}): EBPFError {
  return new EBPFError("internal", "internal_error", message, context);
}
