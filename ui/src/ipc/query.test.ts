import { QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { forget, newQueryClient } from './query'

test('a change told while the first answer is on its way is not lost', async () => {
  const client = newQueryClient()
  let world = 'before'
  let release = () => {}
  const asked: string[] = []
  const observer = new QueryObserver(client, {
    queryKey: ['teleconsult', 'teleconsult_list'],
    queryFn: () => {
      const seen = world
      asked.push(seen)
      return asked.length > 1
        ? Promise.resolve(seen)
        : new Promise<string>((resolve) => {
            release = () => resolve(seen)
          })
    },
  })
  const stop = observer.subscribe(() => {})
  expect(asked).toEqual(['before'])
  world = 'after'
  forget(client, 'teleconsult')
  release()
  await expect.poll(() => observer.getCurrentResult().data).toBe('after')
  stop()
})
