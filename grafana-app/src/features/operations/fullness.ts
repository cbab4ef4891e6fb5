import type { Tone } from './Meter'

/** How bad it is that a node has so much of its memory limit in use, 0..1. */
export const fullness = (share: number): Tone => (share >= 0.95 ? 'bad' : share >= 0.8 ? 'warning' : 'good')
