import { Badge } from '@grafana/ui'
import { VERDICTS, type Verdict } from './verdicts'

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const { text, color, icon } = VERDICTS[verdict]
  return <Badge text={text} color={color} icon={icon} />
}
