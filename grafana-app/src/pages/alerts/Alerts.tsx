import { Section } from '../../components/Section'
import { FiringAlerts } from '../../features/alerts/FiringAlerts'
import { Blind } from './Blind'
import { Coverage } from './Coverage'
import { Delivery } from './Delivery'

/** What fires, and what would nobody be told of? */
export function Alerts({ cluster }: { readonly cluster: string }) {
  return (
    <>
      <Section title="What fires" id="alerts">
        <FiringAlerts cluster={cluster} />
      </Section>
      <Section title="What is not covered">
        <Blind cluster={cluster} />
      </Section>
      <Section title="Rules that Slotwise ships">
        <Coverage cluster={cluster} />
      </Section>
      <Section title="Does Alertmanager tell Slotwise?">
        <Delivery />
      </Section>
    </>
  )
}
