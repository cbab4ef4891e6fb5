import { Text } from '@grafana/ui'

/** Of a part within a section of the page. */
export function Heading({ children }: { readonly children: string }) {
  return (
    <Text element="h3" variant="h6">
      {children}
    </Text>
  )
}
