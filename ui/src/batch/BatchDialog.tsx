import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Choice, Dialog } from '../design'
import { errors } from '../i18n/it/errors'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { BatchRowView } from '../ipc/generated/BatchRowView'
import { useView } from '../ipc/query'
import { IdentityCard } from '../report/SigningIdentity'
import { isTyped, NOTHING, type Secrets, SigningSecrets } from '../report/SigningSecrets'

/** No event tells that a card was inserted or taken out. */
const LOOK_AGAIN_MS = 3000

/** What will be signed, with which device, how often it asks; and the PIN, used once. */
export function BatchDialog({ rows, onClose }: { rows: BatchRowView[]; onClose: () => void }) {
  const { t } = useTranslation(['batch', 'report', 'frame'])
  const client = useQueryClient()
  const station = useView('station_state', [])
  const { run, failure, busy } = useAction()
  const devices = useView('report_signing_devices', [], { everyMs: busy ? false : LOOK_AGAIN_MS })
  const [chosen, setChosen] = useState<string | null>(null)
  const [choosing, setChoosing] = useState(false)
  const [secrets, setSecrets] = useState<Secrets>(NOTHING)
  const identities = devices.data?.identities ?? []
  const identity =
    identities.find(({ id }) => id === chosen) ??
    identities.find(({ blocked_by }) => blocked_by === null) ??
    identities[0]
  const shown = identity?.id
  const device = useView('batch_device', [{ identity_id: shown ?? '' }], { enabled: shown !== undefined })
  // A card came or went: what was typed for one device never reaches another.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change is what matters
  useEffect(() => setSecrets(NOTHING), [shown])
  const usable =
    identity !== undefined &&
    identity.blocked_by === null &&
    identity.pin !== 'locked' &&
    !identity.in_browser &&
    !identity.signs_later
  const ready = usable && isTyped(identity, secrets)
  const offline = station.data?.link.online === false
  const covers = device.data?.documents

  const sign = () => {
    if (!identity || !ready) return
    const documents = rows.map(({ televisit_id, revision }) => ({ televisit_id, revision }))
    void run(
      () => call('batch_start', { identity_id: identity.id, ...secrets, documents }),
      (batch) => {
        // The page that shows it takes the place of this one.
        client.setQueryData(['batch', 'batch_state'], batch)
        onClose()
      },
    )
    setSecrets(NOTHING)
  }

  return (
    <Dialog
      title={t('sign', { count: rows.length })}
      onClose={onClose}
      closable={!busy}
      onSubmit={sign}
      testId="batch-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{t('report:sign.final')}</span>
          <Button onPress={onClose} disabled={busy}>
            {t('frame:cancel')}
          </Button>
          <Button kind="primary" type="submit" disabled={!ready} busy={busy} testId="batch-confirm">
            {t('sign', { count: rows.length })}
          </Button>
        </>
      }
    >
      <div className="ps-dialog-two">
        <div className="stack">
          <div>
            <div className="cap">{t('dialog.documents')}</div>
            <b className="t-md">{t('dialog.read', { count: rows.length })}</b>
          </div>
          <div>
            <div className="cap">{t('dialog.next')}</div>
            <ol className="t-xs sign-steps">
              <li>{t(offline ? 'dialog.step1Offline' : 'dialog.step1')}</li>
              <li>{t('dialog.step2')}</li>
              <li>{t(offline ? 'dialog.step3Offline' : 'dialog.step3')}</li>
            </ol>
          </div>
          <p className="t-xs mut">{t('dialog.stop')}</p>
        </div>
        <div className="stack">
          {devices.isPending ? (
            <p className="mut" role="status">
              {t('report:sign.looking')}
            </p>
          ) : null}
          {devices.error ? <FailureBanner failure={devices.error.failure} onRetry={() => devices.refetch()} /> : null}
          {devices.isSuccess && !identity ? (
            <Banner
              boxed
              urgent
              tone="danger"
              title={t('report:sign.none')}
              testId="no-device"
              action={
                <Button small onPress={() => devices.refetch()}>
                  {t('report:sign.again')}
                </Button>
              }
            >
              {errors.no_signing_device.todo}
            </Banner>
          ) : null}
          {choosing && identity ? (
            <Choice<string>
              legend={t('report:sign.identity')}
              value={identity.id}
              onChange={(id) => {
                setChosen(id)
                setChoosing(false)
              }}
              options={identities.map((each) => ({
                value: each.id,
                label: `${each.subject}, ${each.device}`,
                hint: t('report:sign.issuer', { issuer: each.issuer }),
                testId: `identity-${each.id}`,
              }))}
            />
          ) : identity ? (
            <IdentityCard identity={identity} many={identities.length > 1} onChange={() => setChoosing(true)} />
          ) : null}
          {failure ? (
            <FailureBanner failure={failure} />
          ) : identity?.blocked_by ? (
            <Banner boxed tone="danger" title={errors[identity.blocked_by].happened}>
              {errors[identity.blocked_by].todo}
            </Banner>
          ) : identity?.in_browser ? (
            <p>{t('dialog.browser')}</p>
          ) : identity?.signs_later ? (
            <p>{t('dialog.away')}</p>
          ) : null}
          {usable && !choosing && device.isSuccess ? (
            <p className={covers === null ? 'c-ok' : 'c-warn'} data-testid="batch-device">
              {covers === null
                ? t('dialog.once')
                : covers === 1
                  ? t('dialog.each')
                  : covers !== undefined && covers < rows.length
                    ? t('dialog.some', { count: covers })
                    : t('dialog.once')}
            </p>
          ) : null}
          {usable && !choosing && identity.pin_on_device ? (
            <p>{t(identity.kind === 'remote' ? 'report:sign.onPhone' : 'report:sign.onDevice')}</p>
          ) : null}
          {usable && !choosing ? (
            <SigningSecrets
              key={identity.id}
              identity={identity}
              secrets={secrets}
              onChange={setSecrets}
              disabled={busy}
            />
          ) : null}
        </div>
      </div>
    </Dialog>
  )
}
