/** Writes dashboards/generated; with --check it only looks and fails when a file is not what the code makes. */
import { driftedDashboards, writeDashboards } from './dashboards.js'

if (process.argv.includes('--check')) {
  const drifted = driftedDashboards()
  if (drifted.length > 0) {
    process.stderr.write(
      `dashboards/generated is out of date (${drifted.join(', ')}): run \`pnpm --filter @slotwise/dashboards generate\`\n`,
    )
    process.exitCode = 1
  }
} else {
  writeDashboards()
}
