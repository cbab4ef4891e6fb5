import { expect, it } from 'vitest'
import { goldenReading } from '../../test/golden.js'
import { Samples } from '../exposition/families.js'
import { renderText } from '../exposition/text.js'
import { encodePipeline } from '../redis/frames.js'
import { searchIndexes } from './search-indexes.js'

/** FT.INFO as https://redis.io/docs/latest/commands/ft.info/ has it, cut to what says something of this. */
const INFO = [
  ...['index_name', 'movies', 'num_docs', '2000', 'max_doc_id', '2003', 'num_terms', '300'],
  ...['inverted_sz_mb', '1.5', 'total_index_memory_sz_mb', '2', 'percent_indexed', '0.5', 'indexing', '1'],
  ...['records_per_doc_avg', '-nan', 'number_of_uses', '7'],
]

it('has what FT.INFO says of an index, sizes in bytes, once for each index, and 0 for what it does not say', () => {
  const answer = { of: 'movies', command: ['FT.INFO', 'movies'], frame: encodePipeline([INFO]) }
  const samples = new Samples()
  const reading = goldenReading(new Map([['search_indexes', { frames: [], more: [answer, answer] }]]))
  searchIndexes.collect!(reading, samples, {})
  const lines = [...renderText([{ labels: [], samples }], 'redis')]
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('redis_'))
  expect(lines).toHaveLength(searchIndexes.families.length)
  expect(lines).toEqual(
    expect.arrayContaining([
      'redis_search_index_num_docs{index_name="movies"} 2000',
      'redis_search_index_inverted_size_bytes{index_name="movies"} 1572864',
      'redis_search_index_total_index_memory_size_bytes{index_name="movies"} 2097152',
      'redis_search_index_percent_indexed{index_name="movies"} 0.5',
      'redis_search_index_number_of_uses_total{index_name="movies"} 7',
      'redis_search_index_avg_per_doc_records{index_name="movies"} 0',
      'redis_search_index_cleaning{index_name="movies"} 0',
    ]),
  )
})
