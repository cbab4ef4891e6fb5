import { dateTimeFormat } from '@grafana/data'
import type { WarmupSources, WarmupSpec } from '../../api/contract'
import { bytes } from '../operations/text'

export type Source = WarmupSpec['source']

export interface SourceOption {
  /** Text that stands for it in a select. */
  readonly value: string
  readonly label: string
  readonly description: string
  readonly group: string
  readonly source: Source
}

/** One text for one source. */
export const idOf = (source: Source) =>
  source.type === 'file' ? `file ${source.path}` : `${source.type} ${source.name}`

const GROUPS = { cluster: 'Other clusters', redis: 'Configured sources' } as const

/** What a warmup may copy from: clusters and nodes first, then files, newest first. */
export function sourceOptions({
  sources,
  files,
}: Pick<WarmupSources, 'sources' | 'files'>): readonly SourceOption[] {
  return [
    ...(['cluster', 'redis'] as const).flatMap((type) =>
      sources
        .filter((source) => source.type === type)
        .map(({ name }) => ({
          value: idOf({ type, name }),
          label: name,
          description:
            type === 'cluster'
              ? 'A cluster that Slotwise watches; its replicas are read'
              : 'A source of warmup.sources',
          group: GROUPS[type],
          source: { type, name },
        })),
    ),
    ...files.map(({ path, bytes: size, modifiedAt }) => ({
      value: idOf({ type: 'file', path }),
      label: path,
      description: `${bytes(size)}, changed ${dateTimeFormat(modifiedAt)}`,
      group: 'Files, newest first',
      source: { type: 'file', path } as const,
    })),
  ]
}

/** In a sentence: `demo`, `the file users.jsonl`. */
export const saySource = (source: Source | undefined) =>
  source === undefined ? 'its source' : source.type === 'file' ? `the file ${source.path}` : source.name
