import type { GrafanaTheme2 } from '@grafana/data'

/** Red is for what nobody serves. */
export const nobodys = (theme: GrafanaTheme2): string => theme.visualization.getColorByName('red')

/** The colour of a shard, by its number; with many shards colours come again, which the map parts by lines. */
export function colorOfShard(theme: GrafanaTheme2, number: number): string {
  const palette = theme.visualization.palette.filter((name) => !name.includes('red'))
  return theme.visualization.getColorByName(palette[(number - 1) % palette.length]!)
}
