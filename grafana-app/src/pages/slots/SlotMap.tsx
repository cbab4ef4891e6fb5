import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2, useTheme2 } from '@grafana/ui'
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { SLOTS } from '../../features/topology/verdicts'
import { colorOfShard, nobodys } from './colors'
import type { Move } from './moves'
import { CELL, colorOf, COLUMNS, draw, mix } from './draw'
import type { Range } from './ranges'

interface Props {
  readonly ranges: readonly Range[]
  /** Values by slot; undefined: the map shows owners. */
  readonly heat: Float64Array | undefined
  /** Slots that are handed over: they stand out. */
  readonly moves: readonly Move[]
  readonly slot: number
  readonly onSlot: (slot: number) => void
  /** What is known of the slot, in words. */
  readonly text: string
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -COLUMNS,
  ArrowDown: COLUMNS,
  PageUp: -COLUMNS * 16,
  PageDown: COLUMNS * 16,
  Home: -SLOTS,
  End: SLOTS,
}
const within = (slot: number) => Math.min(SLOTS - 1, Math.max(0, slot))

/** All slots, 128 a row. One is chosen with a click or with the arrow keys; the tables beside it tell the same. */
export function SlotMap({ ranges, heat, moves, slot, onSlot, text }: Props) {
  const styles = useStyles2(getStyles)
  const theme = useTheme2()
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (!canvas.current) return
    const [nobody, empty] = [colorOf(nobodys(theme)), colorOf(theme.colors.background.secondary)]
    const hot = colorOf(theme.visualization.getColorByName('orange'))
    const most = heat ? heat.reduce((max, value) => (value > max ? value : max), 0) : 0
    const bySlot = new Array<Range | undefined>(SLOTS)
    for (const range of ranges) bySlot.fill(range, range.from, range.to + 1)
    const moving = new Set<number>()
    for (const [from, to] of moves.flatMap(({ slots }) => slots))
      for (let at = from; at <= to; at++) moving.add(at)
    const line = colorOf(theme.isDark ? '#ffffff' : '#000000')
    draw(
      canvas.current,
      (at) => {
        if (heat) return heat[at]! > 0 ? mix(empty, hot, 0.15 + 0.85 * (heat[at]! / most)) : empty
        const owner = bySlot[at]?.owner
        const color = owner?.served === true ? colorOf(colorOfShard(theme, owner.number)) : nobody
        return moving.has(at) ? mix(color, line, 0.6) : color
      },
      (a, b) => bySlot[a] === bySlot[b],
      line,
    )
  }, [ranges, heat, moves, theme])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    onSlot(within(slot + step))
  }
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    const column = Math.floor(((event.clientX - left) / width) * COLUMNS)
    const row = Math.floor(((event.clientY - top) / height) * COLUMNS)
    onSlot(within(row * COLUMNS + column))
  }
  return (
    <div
      className={styles.map}
      role="slider"
      tabIndex={0}
      aria-label="Slot"
      aria-valuemin={0}
      aria-valuemax={SLOTS - 1}
      aria-valuenow={slot}
      aria-valuetext={text}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
    >
      <canvas ref={canvas} width={COLUMNS * CELL} height={COLUMNS * CELL} className={styles.canvas} />
      <span
        className={styles.cursor}
        style={{
          left: `${((slot % COLUMNS) / COLUMNS) * 100}%`,
          top: `${(Math.floor(slot / COLUMNS) / COLUMNS) * 100}%`,
        }}
      />
    </div>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  map: css({
    position: 'relative',
    width: '100%',
    maxWidth: COLUMNS * CELL,
    lineHeight: 0,
    cursor: 'crosshair',
    border: `1px solid ${theme.colors.border.medium}`,
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  canvas: css({ width: '100%', imageRendering: 'pixelated' }),
  cursor: css({
    position: 'absolute',
    width: 11,
    height: 11,
    margin: '-3px 0 0 -3px',
    border: `2px solid ${theme.colors.text.maxContrast}`,
    outline: `1px solid ${theme.colors.background.canvas}`,
    pointerEvents: 'none',
  }),
})
