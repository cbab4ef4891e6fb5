import { createContext, useContext } from 'react'
import type { Boot } from '../../../../stack/src/preview/boot'
import type { PluginInclude } from '../../../../stack/src/preview/manifest'

export const BootContext = createContext<Boot | undefined>(undefined)

export function useBoot(): Boot {
  const boot = useContext(BootContext)
  if (!boot) throw new Error('no boot data above this component')
  return boot
}

/** The pages that plugin.json puts into the navigation and this user may see. */
export function visiblePages({ plugin, user, roles }: Boot): (PluginInclude & { path: string })[] {
  const rank = (role: string) => roles.indexOf(role as never)
  return plugin.includes.flatMap((include) => {
    const { type, addToNav, path, action, role } = include
    if (type !== 'page' || !addToNav || path === undefined) return []
    const may =
      action !== undefined ? user.permissions[action] === true : !role || rank(user.role) >= rank(role)
    return may ? [{ ...include, path }] : []
  })
}
