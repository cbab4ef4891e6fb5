import type { Samples } from '../exposition/families.js'
import { counter, family, infoSection, numberOf } from './table.js'

/** INFO cpu. */
export const cpu = infoSection('cpu', {
  used_cpu_sys: counter('cpu_sys_seconds_total', 'System CPU of the server.'),
  used_cpu_user: counter('cpu_user_seconds_total', 'User CPU of the server.'),
  used_cpu_sys_children: counter('cpu_sys_children_seconds_total', 'System CPU of the background processes.'),
  used_cpu_user_children: counter('cpu_user_children_seconds_total', 'User CPU of the background processes.'),
  used_cpu_sys_main_thread: counter('cpu_sys_main_thread_seconds_total', 'System CPU of the main thread.'),
  used_cpu_user_main_thread: counter('cpu_user_main_thread_seconds_total', 'User CPU of the main thread.'),
  used_active_time_main_thread: counter(
    'active_time_main_thread_seconds_total',
    'Seconds that the main thread was active (Valkey).',
  ),
})

const ioThread = family(
  'counter',
  'active_time_io_thread_seconds_total',
  'Seconds that an I/O thread was active (Valkey).',
)

export const cpuFamilies = [ioThread]

/** `used_active_time_io_thread_<n>` of Valkey. */
export function collectIoThread(key: string, value: string, samples: Samples): void {
  const seconds = numberOf(value)
  if (seconds !== undefined)
    samples.add(ioThread, seconds, [['thread', key.slice('used_active_time_io_thread_'.length)]])
}
