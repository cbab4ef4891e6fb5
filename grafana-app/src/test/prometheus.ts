/** Answers of Grafana's data source for tests. */

/** One series with one value, as `/api/ds/query` answers it. */
export const frame = (refId: string, labels: Record<string, string>, value: number) => ({
  schema: {
    refId,
    fields: [
      { name: 'Time', type: 'time' },
      { name: 'Value', type: 'number', labels },
    ],
  },
  data: { values: [[0], [value]] },
})

/** Values of several queries: name -> instance -> value. */
export const frames = (queries: Readonly<Record<string, Readonly<Record<string, number>>>>) => ({
  results: Object.fromEntries(
    Object.entries(queries).map(([refId, values]) => [
      refId,
      { frames: Object.entries(values).map(([instance, value]) => frame(refId, { instance }, value)) },
    ]),
  ),
})
