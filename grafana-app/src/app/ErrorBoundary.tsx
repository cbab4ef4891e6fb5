import { Alert, Button } from '@grafana/ui'
import { Component, type ReactNode } from 'react'

const RELOADED = 'slotwise-clusters-app:reloaded'

/** A chunk that is gone: the plugin was updated while the page was open. */
function isChunkError({ name, message }: Error): boolean {
  return (
    name === 'ChunkLoadError' || /Loading (CSS )?chunk .* failed|dynamically imported module/.test(message)
  )
}

/**
 * Shows what broke and a way out. After an update of the plugin the chunks of an open page are gone: then the page is
 * loaded again, once, so that a chunk that is really missing does not make it reload for ever.
 */
export class ErrorBoundary extends Component<
  { readonly children: ReactNode; readonly reload?: () => void },
  { readonly error?: Error }
> {
  override readonly state: { readonly error?: Error } = {}

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override componentDidMount(): void {
    // What loads now, loads: the next update may reload once again.
    setTimeout(() => {
      if (!this.state.error) sessionStorage.removeItem(RELOADED)
    }, 10_000)
  }

  override componentDidCatch(error: Error): void {
    if (!isChunkError(error) || sessionStorage.getItem(RELOADED) !== null) return
    sessionStorage.setItem(RELOADED, '1')
    this.#reload()
  }

  #reload = () => {
    if (this.props.reload) this.props.reload()
    else location.reload()
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <Alert title="This page broke" severity="error">
        <p>{error.message}</p>
        <Button variant="secondary" onClick={this.#reload}>
          Load it again
        </Button>
      </Alert>
    )
  }
}
