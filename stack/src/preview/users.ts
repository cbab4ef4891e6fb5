import { ROLES, type Role } from './manifest.js'

export interface PreviewUser {
  id: number
  login: string
  name: string
  email: string
  role: Role
}

/** One user a role. */
export const USERS: Readonly<Record<Role, PreviewUser>> = {
  Viewer: user('Viewer'),
  Editor: user('Editor'),
  Admin: user('Admin'),
}

function user(role: Role): PreviewUser {
  const login = role.toLowerCase()
  return { id: ROLES.length - ROLES.indexOf(role), login, name: role, email: `${login}@localhost`, role }
}
