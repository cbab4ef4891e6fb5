import type { AnsweredReading } from './answered-reading.js'
import type { NodeFacts } from './readings.js'
import { decode, pairsOf } from './replies.js'

/** Databases of a node that does not say how many it has. */
const USUAL_DATABASES = 16

/** What is known of the node before its keys are looked at. */
export interface KeyContext {
  readonly facts: NodeFacts
  readonly isReplica: boolean
  /** Databases that the node has, and those of them that hold keys. */
  readonly databases: number
  readonly used: readonly number[]
}

export function keyContext({ info, replies }: AnsweredReading, facts: NodeFacts): KeyContext {
  const used: number[] = []
  for (const [key] of info) if (/^db\d+$/.test(key)) used.push(Number(key.slice(2)))
  const configured = databasesIn(replies.get('config')?.frames[0])
  return {
    facts,
    isReplica: info.get('role') === 'slave',
    // A cluster of Valkey 9 has as many as it is told by another parameter, any other has one.
    databases: facts.mode === 'cluster' ? Math.max(0, ...used) + 1 : configured || USUAL_DATABASES,
    used,
  }
}

/** What CONFIG GET says of them; 0 where it does not, or makes no sense, which its collector tells. */
function databasesIn(config: Buffer | undefined): number {
  try {
    const number = Number(pairsOf(config && decode(config)).get('databases'))
    return number > 0 ? number : 0
  } catch {
    return 0
  }
}
