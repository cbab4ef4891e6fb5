import { describe, expect, it } from 'vitest'
import { BasicAuth } from './auth.js'

/** Shows a password from an address. */
function show(auth: BasicAuth, address: string, user: string, password: string) {
  return auth.allows(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, address)
}

/** The user ann, whose password is `right`, and comparisons that wait until they are let go. */
function slow() {
  const asked: string[] = []
  const held: (() => void)[] = []
  const auth = new BasicAuth(new Map([['ann', { hash: 'h' }]]), async (password) => {
    asked.push(password)
    await new Promise<void>((resolve) => held.push(resolve))
    return password === 'right'
  })
  const letGo = async () => {
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1)
    held.pop()!()
  }
  return { auth, asked, letGo }
}

/** Compares at once. */
function quick() {
  const asked: string[] = []
  const auth = new BasicAuth(new Map([['ann', { hash: 'h' }]]), (password) => {
    asked.push(password)
    return Promise.resolve(password === 'right')
  })
  return { auth, asked }
}

describe('basic authentication', () => {
  it('looks at one password at a time, at a few of one address, and refuses what is more', async () => {
    const { auth, asked, letGo } = slow()
    const first = show(auth, '10.0.0.1', 'ann', 'a')
    const second = show(auth, '10.0.0.1', 'ann', 'b')
    expect(await show(auth, '10.0.0.1', 'ann', 'c')).toBe('busy')
    const others = ['2', '3', '4', '5', '6', '7'].map((n) => show(auth, `10.0.0.${n}`, 'ann', n))
    expect(await show(auth, '10.0.0.8', 'ann', 'right')).toBe('busy')
    expect(asked).toEqual(['a'])
    for (const verdict of [first, second, ...others]) {
      await letGo()
      expect(await verdict).toBe('wrong')
    }
    const later = show(auth, '10.0.0.8', 'ann', 'right')
    await letGo()
    expect(await later).toBe('right')
  })

  it('looks once at a password that many requests bring at the same time', async () => {
    const { auth, asked, letGo } = slow()
    const verdicts = Array.from({ length: 50 }, () => show(auth, '10.0.0.1', 'ann', 'right'))
    await letGo()
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['right']))
    expect(asked).toEqual(['right'])
  })

  it('remembers a right password whatever wrong ones come, and no wrong one', async () => {
    const { auth, asked } = quick()
    expect(await show(auth, '10.0.0.1', 'ann', 'right')).toBe('right')
    for (let i = 0; i < 150; i++) await show(auth, '10.0.0.1', 'ann', `wrong ${i}`)
    expect(asked).toHaveLength(151)
    expect(await show(auth, '10.0.0.1', 'ann', 'right')).toBe('right')
    expect(asked).toHaveLength(151)
  })

  it('compares for a user that there is not, too, and never lets it pass', async () => {
    const { auth, asked } = quick()
    expect(await show(auth, '10.0.0.1', 'bob', 'right')).toBe('wrong')
    expect(asked).toEqual(['right'])
  })

  it('knows a password that stands in the configuration as it is', async () => {
    const auth = new BasicAuth(new Map([['ann', { password: 'right' }]]))
    expect(await show(auth, '10.0.0.1', 'ann', 'right')).toBe('right')
    expect(await show(auth, '10.0.0.1', 'ann', 'wrong')).toBe('wrong')
    expect(await show(auth, '10.0.0.1', 'bob', 'right')).toBe('wrong')
  })
})
