/** For tests: the window, or a part of it, on a mock host of its own. */
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { App } from './app/App'
import { type Route, RouteProvider } from './app/routes'
import { startWords } from './i18n'
import { replaceHost } from './ipc/host'
import { type MockHost, mockHost } from './ipc/mock/host'
import { newQueryClient } from './ipc/query'

export async function openWindow(scene: string): Promise<MockHost> {
  const { host } = await show(<App />, scene)
  return host
}

export async function show(children: ReactNode, scene = 'today', route: Route = { place: 'today' }) {
  await startWords()
  const host = mockHost(scene)
  replaceHost(host)
  const client = newQueryClient()
  const view = render(
    <QueryClientProvider client={client}>
      <RouteProvider start={route}>{children}</RouteProvider>
    </QueryClientProvider>,
  )
  return { host, client, ...view }
}
