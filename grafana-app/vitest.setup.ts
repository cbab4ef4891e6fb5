import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

const nothing = () => undefined
const Observer = function () {
  return { observe: nothing, unobserve: nothing, disconnect: nothing, takeRecords: () => [] }
}

/** What jsdom lacks and Grafana's packages ask for while they load or draw. */
Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer })
Element.prototype.scrollIntoView = nothing
globalThis.matchMedia = (media) =>
  ({
    matches: false,
    media,
    addEventListener: nothing,
    removeEventListener: nothing,
    addListener: nothing,
    removeListener: nothing,
  }) as never
const pen = { measureText: (text: string) => ({ width: text.length * 8 }) }
const styleOf = globalThis.getComputedStyle.bind(globalThis)
globalThis.getComputedStyle = (element) => styleOf(element)
HTMLCanvasElement.prototype.getContext = vi.fn((kind: string) => (kind === '2d' ? pen : null)) as never

/** What is waited for comes as soon as it comes; a machine that is busy is no failure. */
configure({ asyncUtilTimeout: 10_000 })

afterEach(cleanup)
