import { describe, expect, test } from 'vitest'
import { Access } from '../../src/preview/access.js'

const HOST = '127.0.0.1:3000'
const KEY = 'the-key'

const admit = (
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
  access = new Access(KEY, 3000),
) => access.admit({ method, target, headers: { host: HOST, ...headers } })

/** A browser that came with the key, and its cookie. */
function entered() {
  const access = new Access(KEY, 3000)
  const admission = admit(`/?key=${KEY}`, {}, 'GET', access)
  if (admission.kind !== 'entered') throw new Error(admission.kind)
  return { access, cookie: admission.cookie.split(';', 1)[0]!, admission }
}

describe('the key', () => {
  test('gives a cookie that no script sees and a link on another site brings along, and the address without the key', () => {
    const admission = admit(`/a/app/x?theme=light&key=${KEY}&y=1`)
    expect(admission).toMatchObject({ kind: 'entered', location: '/a/app/x?theme=light&y=1' })
    expect(admission.kind === 'entered' && admission.cookie).toMatch(
      /^slotwise_preview_3000=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })

  test.each([
    ['none', '/'],
    ['another', '/?key=the-kez'],
    ['a part', '/?key=the-ke'],
    ['an empty one', '/?key='],
  ])('%s lets nobody in', (_, target) => {
    expect(admit(target)).toMatchObject({ kind: 'refused', status: 401 })
  })

  test('is for addresses in the browser, not for calls', () => {
    expect(admit(`/api/x?key=${KEY}`)).toMatchObject({ status: 401 })
    expect(admit(`/?key=${KEY}`, { origin: `http://${HOST}` }, 'POST')).toMatchObject({ status: 401 })
  })
})

describe('the cookie', () => {
  test('lets in, and keeps its role when the key comes again', () => {
    const { access, cookie } = entered()
    const first = admit('/', { cookie: `other=1; ${cookie}` }, 'GET', access)
    if (first.kind !== 'session') throw new Error(first.kind)
    expect(first.session.role).toBe('Admin')
    first.session.role = 'Viewer'
    expect(admit(`/?key=${KEY}`, { cookie }, 'GET', access)).toMatchObject({
      kind: 'entered',
      cookie: expect.stringContaining(cookie) as unknown,
    })
    expect(admit('/', { cookie }, 'GET', access)).toMatchObject({ session: { role: 'Viewer' } })
  })

  test('of another run lets nobody in', () => {
    const { cookie } = entered()
    expect(admit('/', { cookie })).toMatchObject({ kind: 'refused', status: 401 })
  })
})

describe('a request with the cookie', () => {
  const origin = `http://${HOST}`
  test.each([
    ['its own page reads', 'GET', { 'sec-fetch-site': 'same-origin' }, 'session'],
    ['its own page writes', 'POST', { origin, 'sec-fetch-site': 'same-origin' }, 'session'],
    ['localhost is as good', 'POST', { host: 'localhost:3000', origin: 'http://localhost:3000' }, 'session'],
    [
      'a link from elsewhere',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      'session',
    ],
    ['another host', 'GET', { host: 'evil.example' }, 403],
    ['another port', 'GET', { host: '127.0.0.1:3001' }, 403],
    ['another address of this machine', 'GET', { host: '127.0.0.2:3000' }, 403],
    ['another origin', 'GET', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', 'POST', { origin: 'http://127.0.0.1:9121' }, 403],
    ['another scheme', 'POST', { origin: `https://${HOST}` }, 403],
    ['an origin of nowhere', 'POST', { origin: 'null' }, 403],
    ['a write without origin', 'POST', {}, 403],
    ['a picture on another page', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ])('%s', (_, method, headers, expected) => {
    const { access, cookie } = entered()
    const admission = admit('/api/x', { cookie, ...headers }, method, access)
    expect(admission.kind === 'refused' ? admission.status : admission.kind).toBe(expected)
  })

  test('of another host is refused even with the key', () => {
    expect(admit(`/?key=${KEY}`, { host: 'evil.example' })).toMatchObject({ status: 403 })
  })
})
