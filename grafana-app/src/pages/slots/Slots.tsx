import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import {
  Button,
  EmptyState,
  Icon,
  Input,
  LoadingPlaceholder,
  RadioButtonGroup,
  TextLink,
  useStyles2,
} from '@grafana/ui'
import { useId, useMemo } from 'react'
import { paths } from '../../app/paths'
import type { Topology } from '../../api/contract'
import { useTopology } from '../../api/hooks'
import { Filters } from '../../components/Filters'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { Time } from '../../components/Time'
import { useUrlState } from '../../components/useUrlState'
import { count, counted } from '../../features/operations/text'
import { usePrometheus } from '../../queries/usePrometheus'
import { heatOf, HEATS, isHeat, type HeatName } from './heat'
import { movedSince, parseSlot, rangeAt, rangesOf, sizeOf, type Range } from './ranges'
import { Earlier } from './Earlier'
import { historyOf } from './history'
import { moveOf, type Move } from './moves'
import { MovesTable } from './MovesTable'
import { SlotMap } from './SlotMap'
import { HottestTable, RangesTable } from './SlotTables'
import { useHistory } from './useHistory'

/** Who owns what, and where is the heat? */
export function Slots({ cluster }: { readonly cluster: string }) {
  return (
    <Loaded query={useTopology(cluster)} what="the slots">
      {(topology) =>
        topology.shards.length === 0 ? (
          <EmptyState variant="not-found" message="No node is known, so nobody knows of slots" />
        ) : (
          <All topology={topology} />
        )
      }
    </Loaded>
  )
}

const NO_MOVES: readonly Move[] = []

const SHOWS = [
  { value: 'owner', label: 'Owner' },
  ...Object.entries(HEATS).map(([value, { label, text }]) => ({ value, label, description: text })),
]

function All({ topology }: { readonly topology: Topology }) {
  const styles = useStyles2(getStyles)
  const id = useId()
  const { cluster, readAt, migrating = NO_MOVES } = topology
  const [at, setAt] = useUrlState('at')
  const history = useHistory(cluster, at !== '')
  const moments = useMemo(
    () => (history.data ? historyOf(history.data.events, topology.shards) : undefined),
    [history.data, topology.shards],
  )
  const then = moments?.find(({ version }) => String(version) === at)
  const shards = then?.shards ?? topology.shards
  const moves = then ? NO_MOVES : migrating
  const [show, setShow] = useUrlState('show', 'owner')
  const [typed, setSlot] = useUrlState('slot', '0')
  const slot = parseSlot(typed) ?? 0
  // Heat is that of now.
  const kind = isHeat(show) && !then ? show : undefined
  // The query keeps what did not change: a new reading of the same slots does not draw the map anew.
  const ranges = useMemo(() => rangesOf({ shards }), [shards])
  const heat = useHeat(cluster, kind)
  const text = describe(ranges, moveOf(moves, slot), slot, kind, heat.values)
  const onSlot = (chosen: number) => setSlot(String(chosen))
  return (
    <>
      <Coverage ranges={ranges} past={then !== undefined} />
      <Filters label="What the map shows">
        <RadioButtonGroup
          aria-label="What the map shows"
          options={SHOWS}
          disabled={then !== undefined}
          value={kind ?? 'owner'}
          onChange={setShow}
        />
        <label htmlFor={id}>Slot</label>
        <Input
          id={id}
          type="number"
          min={0}
          max={16_383}
          width={12}
          value={typed}
          onChange={({ currentTarget }) => setSlot(currentTarget.value)}
        />
        <span>
          read <Time at={readAt} short />
        </span>
        {at === '' && (
          <Button variant="secondary" icon="history" onClick={() => setAt('now')}>
            Earlier
          </Button>
        )}
      </Filters>
      {at !== '' && (
        <Loaded query={{ ...history, data: moments }} what="the earlier owners">
          {(all) => (
            <Earlier
              moments={all}
              chosen={then}
              moved={then ? movedSince(ranges, rangesOf(topology)) : 0}
              onChoose={(moment) => setAt(moment ? String(moment.version) : 'now')}
              onClose={() => setAt('')}
            />
          )}
        </Loaded>
      )}
      <PrometheusTrouble error={heat.error} missing="Figures of the slots" />
      {heat.waiting && <LoadingPlaceholder text="Asking Prometheus; the map shows owners until then…" />}
      {kind && heat.values && <Known heat={heat.values} />}
      <div className={styles.sides}>
        <div className={styles.map}>
          <SlotMap ranges={ranges} heat={heat.values} slot={slot} onSlot={onSlot} moves={moves} text={text} />
          <p>
            <Slot cluster={cluster} range={rangeAt(ranges, slot)} text={text} />
          </p>
        </div>
        <div className={styles.tables}>
          {moves.length > 0 && (
            <Section title="On their way">
              <MovesTable cluster={cluster} moves={moves} onSlot={onSlot} />
            </Section>
          )}
          {kind && heat.values && (
            <Section title="Hottest slots">
              <HottestTable cluster={cluster} kind={kind} heat={heat.values} ranges={ranges} />
            </Section>
          )}
          <Section title="Ranges">
            <RangesTable cluster={cluster} ranges={ranges} />
          </Section>
        </div>
      </div>
    </>
  )
}

function useHeat(cluster: string, kind: HeatName | undefined) {
  const { data, error } = usePrometheus<string>(kind ? { heat: HEATS[kind].query(cluster) } : {})
  const samples = data?.heat
  const values = useMemo(() => (samples ? heatOf(samples) : undefined), [samples])
  return { values: error ? undefined : values, error, waiting: kind !== undefined && !data && !error }
}

/** Whether every slot has somebody who serves it. */
function Coverage({ ranges, past }: { readonly ranges: readonly Range[]; readonly past: boolean }) {
  const lost = ranges.filter(({ owner }) => owner?.served !== true)
  const slots = lost.reduce((sum, range) => sum + sizeOf(range), 0)
  return (
    <p>
      {slots === 0 ? (
        <>
          <Icon name="check-circle" size="sm" aria-hidden /> All slots {past ? 'were' : 'are'} served.
        </>
      ) : (
        <>
          <Icon name="exclamation-circle" size="sm" aria-hidden /> <strong>{counted(slots, 'slot')}</strong>{' '}
          {past
            ? `${slots === 1 ? 'was' : 'were'} not served then.`
            : `${slots === 1 ? 'is' : 'are'} not served: their keys can be neither read nor written.`}
        </>
      )}
    </p>
  )
}

/** How much of the heat is known: exporters have it of few slots unless told. */
function Known({ heat }: { readonly heat: Float64Array }) {
  const known = heat.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0)
  if (known === heat.length) return null
  return (
    <p role="status">
      <Icon name="info-circle" size="sm" aria-hidden />{' '}
      {known === 0
        ? 'Prometheus has no figures of slots. They need Valkey 8 or Redis 8.2, and --collector.slot_stats; all but the keys need cluster-slot-stats-enabled, too.'
        : `Prometheus has figures of ${count(known)} slots, those with the most keys; --metrics.slot-stats gives it more.`}
    </p>
  )
}

function describe(
  ranges: readonly Range[],
  move: Move | undefined,
  slot: number,
  kind: HeatName | undefined,
  heat: Float64Array | undefined,
): string {
  const owner = rangeAt(ranges, slot)?.owner
  const who = owner
    ? `shard ${owner.number}, ${owner.primary?.instance ?? 'no primary'}${owner.served ? '' : ', not served'}`
    : 'nobody’s'
  const value = heat?.[slot]
  const figure = kind && value !== undefined && !Number.isNaN(value) ? `, ${HEATS[kind].say(value)}` : ''
  return `Slot ${slot}: ${who}${move ? `, on its way to ${move.to}` : ''}${figure}`
}

interface SlotProps {
  readonly cluster: string
  readonly range: Range | undefined
  readonly text: string
}

function Slot({ cluster, range, text }: SlotProps) {
  const primary = range?.owner?.primary
  return (
    <>
      {text}.{' '}
      {primary && (
        <TextLink href={paths.node(cluster, primary.instance)}>{`Look at ${primary.instance}`}</TextLink>
      )}
    </>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  sides: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(3) }),
  map: css({ flex: '1 1 320px', maxWidth: 640, minWidth: 0 }),
  tables: css({ flex: '1 1 380px', minWidth: 0 }),
})
