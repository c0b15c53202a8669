/** *Firma*: time-stamp authorities, what happens when none answers, and the remote signature. A kept secret is never shown. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Badge, Banner, Button, Card, Choice, Facts, SkeletonRows, TextField } from '../design'
import { shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { SigningSettingsView } from '../ipc/generated/SigningSettingsView'
import type { TimeStampPolicy } from '../ipc/generated/TimeStampPolicy'
import { useView } from '../ipc/query'

export function Signing() {
  const { t } = useTranslation('settings')
  const settings = useView('signing_settings', [])
  if (settings.error) return <FailureBanner failure={settings.error.failure} onRetry={() => settings.refetch()} />
  if (!settings.data) return <SkeletonRows />
  return (
    <div className="stack wide text">
      <h2>{t('signing')}</h2>
      <TimeStamps settings={settings.data} />
      <Remote settings={settings.data} />
    </div>
  )
}

/** Carries out a change and shows what the core then keeps. */
function useChange() {
  const client = useQueryClient()
  const { run, failure, busy } = useAction()
  const change = (ask: () => Promise<SigningSettingsView>, then?: () => void) =>
    run(ask, async () => {
      then?.()
      await client.invalidateQueries({ queryKey: ['signing', 'signing_settings'] })
      await client.invalidateQueries({ queryKey: ['report', 'report_signing_devices'] })
    })
  return { change, failure, busy }
}

const POLICIES: TimeStampPolicy[] = ['wait', 'block', 'send_without']

function TimeStamps({ settings }: { settings: SigningSettingsView }) {
  const { t } = useTranslation('settings')
  const { change, failure, busy } = useChange()
  const [adding, setAdding] = useState(false)
  const [typed, setTyped] = useState({ url: 'https://', user: '', password: '' })
  const own = settings.of_the_station ? [] : settings.authorities
  const keep = (authorities: typeof own, added?: typeof typed) =>
    change(
      () =>
        call('signing_set_time_stamps', {
          authorities: [
            ...authorities.map(({ url, user }) => ({ url, user, password: null })),
            ...(added ? [{ url: added.url.trim(), user: added.user || null, password: added.password || null }] : []),
          ],
          policy: settings.policy,
        }),
      () => setAdding(false),
    )
  const policy = (value: TimeStampPolicy) =>
    change(() =>
      call('signing_set_time_stamps', {
        authorities: own.map(({ url, user }) => ({ url, user, password: null })),
        policy: value,
      }),
    )
  return (
    <Card title={t('stamps')} level={3} testId="settings-stamps">
      <div className="ps-card-body stack">
        {settings.no_roots && settings.authorities.length > 0 ? (
          <Banner boxed tone="warn" title={t('noRoots')}>
            {t('noRootsText')}
          </Banner>
        ) : null}
        {settings.authorities.length === 0 ? <p className="mut">{t('noAuthorities')}</p> : null}
        <ol className="stack" data-testid="authorities">
          {settings.authorities.map((authority, index) => (
            <li key={`${authority.url} ${authority.user}`} className="line wrap">
              <span className="grow mono settings-address">{authority.url}</span>
              {authority.user ? <span className="mut t-xs">{t('stampUser', { user: authority.user })}</span> : null}
              {settings.of_the_station ? (
                <Badge tone="info" icon="settings">
                  {t('ofTheStation')}
                </Badge>
              ) : (
                <Button
                  kind="quiet"
                  small
                  disabled={busy}
                  testId={`remove-authority-${index}`}
                  onPress={() => void keep(own.filter((each) => each !== authority))}
                >
                  {t('remove')}
                </Button>
              )}
            </li>
          ))}
        </ol>
        {failure ? <FailureBanner failure={failure} /> : null}
        {adding ? (
          <form
            className="stack"
            data-testid="add-authority-form"
            onSubmit={(event) => {
              event.preventDefault()
              void keep(own, typed)
            }}
          >
            <TextField
              label={t('stampAddress')}
              hint={t('stampAddressHint')}
              value={typed.url}
              onChange={(url) => setTyped({ ...typed, url })}
              testId="authority-url"
            />
            <TextField
              label={t('stampUserName')}
              hint={t('stampUserHint')}
              value={typed.user}
              onChange={(user) => setTyped({ ...typed, user })}
              testId="authority-user"
            />
            <TextField
              label={t('stampPassword')}
              type="password"
              value={typed.password}
              onChange={(password) => setTyped({ ...typed, password })}
              testId="authority-password"
            />
            <div className="line">
              <Button onPress={() => setAdding(false)}>{t('cancel')}</Button>
              <Button kind="primary" type="submit" busy={busy} testId="authority-save">
                {t('add')}
              </Button>
            </div>
          </form>
        ) : (
          <div>
            <Button small testId="add-authority" onPress={() => setAdding(true)}>
              {t('addAuthority')}
            </Button>
          </div>
        )}
        <Choice<TimeStampPolicy>
          legend={t('policy')}
          value={settings.policy}
          onChange={(value) => void policy(value)}
          options={POLICIES.map((value) => ({
            value,
            label: t(`policies.${value}`),
            hint: t(`policyHints.${value}`),
            testId: `policy-${value}`,
          }))}
        />
      </div>
    </Card>
  )
}

function Remote({ settings }: { settings: SigningSettingsView }) {
  const { t } = useTranslation('settings')
  const { change, failure, busy } = useChange()
  const { remote } = settings
  const [changing, setChanging] = useState(false)
  const [typed, setTyped] = useState({ address: '', client: '', secret: '', token: '' })
  const begin = () => {
    setTyped({ address: remote?.address ?? 'https://', client: remote?.client_id ?? '', secret: '', token: '' })
    setChanging(true)
  }
  const save = () =>
    change(
      () =>
        call('signing_set_remote', {
          address: typed.address.trim(),
          client_id: typed.client || null,
          client_secret: typed.secret || null,
          access_token: typed.token || null,
        }),
      () => setChanging(false),
    )
  return (
    <Card title={t('remote')} level={3} testId="settings-remote">
      <div className="ps-card-body stack">
        {remote ? (
          <Facts
            items={[
              { name: t('remoteAddress'), value: <span className="mono settings-address">{remote.address}</span> },
              { name: t('remoteHolder'), value: remote.identities.join(', ') || t('remoteNobody') },
              {
                name: t('remoteAccess'),
                value: remote.access_until
                  ? t('remoteUntil', { at: shortWhen(remote.access_until) })
                  : t(remote.has_access ? 'remoteKept' : 'remoteNone'),
              },
            ]}
          />
        ) : (
          <p className="mut">{t('remoteText')}</p>
        )}
        {failure ? <FailureBanner failure={failure} /> : null}
        {changing ? (
          <form
            className="stack"
            data-testid="remote-form"
            onSubmit={(event) => {
              event.preventDefault()
              void save()
            }}
          >
            <TextField
              label={t('remoteAddress')}
              hint={t('remoteAddressHint')}
              value={typed.address}
              onChange={(address) => setTyped({ ...typed, address })}
              testId="remote-address"
            />
            <TextField
              label={t('remoteClient')}
              hint={t('remoteClientHint')}
              value={typed.client}
              onChange={(client) => setTyped({ ...typed, client })}
              testId="remote-client"
            />
            <TextField
              label={t('remoteSecret')}
              hint={t('remoteSecretHint')}
              type="password"
              value={typed.secret}
              onChange={(secret) => setTyped({ ...typed, secret })}
              testId="remote-secret"
            />
            <TextField
              label={t('remoteToken')}
              hint={t('remoteTokenHint')}
              type="password"
              value={typed.token}
              onChange={(token) => setTyped({ ...typed, token })}
              testId="remote-token"
            />
            <div className="line">
              <Button onPress={() => setChanging(false)}>{t('cancel')}</Button>
              <Button kind="primary" type="submit" busy={busy} testId="remote-save">
                {t('keep')}
              </Button>
            </div>
          </form>
        ) : (
          <div className="line wrap">
            <Button small testId="remote-change" onPress={begin}>
              {t(remote ? 'remoteChange' : 'remoteSet')}
            </Button>
            {remote?.client_id ? (
              <Button
                small
                icon="user"
                busy={busy}
                testId="remote-login"
                onPress={() => void change(() => call('signing_log_in_remote'))}
              >
                {t('remoteLogIn')}
              </Button>
            ) : null}
            {remote ? (
              <Button
                small
                kind="danger-line"
                disabled={busy}
                testId="remote-forget"
                onPress={() => void change(() => call('signing_forget_remote'))}
              >
                {t('remoteForget')}
              </Button>
            ) : null}
          </div>
        )}
      </div>
    </Card>
  )
}
