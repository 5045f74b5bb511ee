/** What somebody may do, the least first; each may do what those before it may. */
export const ROLES = ['view', 'operate', 'admin'] as const;

/** `view` watches, `operate` changes what is shown and recorded, `admin` does everything. */
export type Role = (typeof ROLES)[number];

/** Whether a role is another one, or stands above it. @param role - absent for who may do nothing */
export const includesRole = (role: Role | undefined, needed: Role): boolean =>
  role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
