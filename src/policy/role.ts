// Who may ask for what: a role reaches every effect up to its own.

/** What a tool does to the host, from harmless to destructive. */
export type Effect = "read" | "observe" | "change" | "destroy";

/** The roles in rising order: each may do what the ones before it may. */
export const roles = ["viewer", "observer", "operator", "admin"] as const;

export type Role = typeof roles[number];

const lowest: Readonly<Record<Effect, Role>> = {
  read: "viewer",
  observe: "observer",
  change: "operator",
  destroy: "admin",
};

/** The lowest role that reaches tools of this effect. */
export function lowestRole(effect: Effect): Role {
  return lowest[effect];
}

/** True when the role reaches tools of this effect. */
export function reaches(role: Role, effect: Effect): boolean {
  return includes(role, lowest[effect]);
}

/** True when the role may do what the wanted one may. */
export function includes(role: Role, wanted: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(wanted);
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}
