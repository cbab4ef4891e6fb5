import { DataTable } from './DataTable'
import { KeyName } from './KeyName'
import { bytes, duration } from './text'

export interface SampleKey {
  readonly key: string
  readonly type: string
  /** null: it does not expire. */
  readonly ttlSeconds: number | null
  readonly bytes: number
}

/** The entries of a plan's sample that are keys; the contract leaves the shape to the kind. */
export function sampleKeys(sample: readonly unknown[]): readonly SampleKey[] {
  return sample.filter((entry): entry is SampleKey => {
    const { key, type, ttlSeconds, bytes } = (entry ?? {}) as Partial<Record<string, unknown>>
    return (
      typeof key === 'string' &&
      typeof type === 'string' &&
      (ttlSeconds === null || typeof ttlSeconds === 'number') &&
      typeof bytes === 'number'
    )
  })
}

/** Some of the keys that a plan is about. */
export function SampleTable({ sample }: { readonly sample: readonly SampleKey[] }) {
  return (
    <DataTable
      label="Sample of the keys"
      rows={sample}
      rowKey={(_, index) => String(index)}
      maxHeight={320}
      columns={[
        { header: 'Key', cell: ({ key }) => <KeyName name={key} /> },
        { header: 'Type', cell: ({ type }) => type },
        {
          header: 'Expires in',
          cell: ({ ttlSeconds }) => (ttlSeconds === null ? 'never' : duration(ttlSeconds)),
          numeric: true,
        },
        { header: 'Size', cell: (row) => bytes(row.bytes), numeric: true },
      ]}
    />
  )
}
