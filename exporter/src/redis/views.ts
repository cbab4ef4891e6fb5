import type { NodeView } from './topology.js'

/** The views of those who tell theirs; why the others do not goes to `errors`. */
export async function viewsOf<T>(
  sources: readonly T[],
  ask: (source: T) => Promise<NodeView[]>,
  errors: string[],
): Promise<NodeView[][]> {
  const views = await Promise.all(
    sources.map((source) =>
      ask(source).catch((error: unknown) => {
        errors.push((error as Error).message)
        return undefined
      }),
    ),
  )
  return views.filter((view) => view !== undefined)
}
