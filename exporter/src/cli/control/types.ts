import { count } from './figures.js'

/** `types: 50,000 string, 10,000 hash`, as a line; none where no type is known. */
export function renderTypes(types: Readonly<Record<string, number>>): string[] {
  const said = Object.entries(types).map(([type, number]) => `${count(number)} ${type}`)
  return said.length > 0 ? [`types: ${said.join(', ')}`] : []
}
