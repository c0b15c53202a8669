import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { flushAll } from '../app/flush'
import { Banner, Button, Card, CopyButton, Facts, TextField } from '../design'
import { shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import { useView } from '../ipc/query'

export function RegionAddress() {
  const { t } = useTranslation('settings')
  const station = useView('station_state', [])
  const [changing, setChanging] = useState(false)
  const [address, setAddress] = useState('https://')
  const [asked, setAsked] = useState(false)
  const { run, failure, busy } = useAction()
  if (!station.data) return null
  const { region, citizen_address, training, link } = station.data
  const valid = /^https:\/\/[^\s/]+/.test(address.trim())
  const save = () => {
    setAsked(true)
    if (!valid || busy) return
    return run(async () => {
      await flushAll()
      await call('station_set_region', { address: address.trim() })
    })
  }
  return (
    <div className="stack wide text">
      <h2>{t('region')}</h2>
      {training ? <Banner boxed tone="info" title={t('training')} testId="settings-training" /> : null}
      <Card title={t('address')} level={3}>
        <div className="ps-card-body">
          <Facts
            items={[
              { name: t('address'), value: <Address text={region} /> },
              ...(citizen_address ? [{ name: t('citizen'), value: <Address text={citizen_address} /> }] : []),
              {
                name: t('state'),
                value: link.online
                  ? t('online')
                  : link.offline_since
                    ? t('offline', { at: shortWhen(link.offline_since) })
                    : t('offlineBare'),
              },
              {
                name: t('queued'),
                value: link.queued === 0 ? t('queuedNone') : t('queuedCount', { count: link.queued }),
              },
            ]}
          />
        </div>
      </Card>
      {changing ? (
        <form
          className="stack"
          data-testid="change-region"
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          {failure ? <FailureBanner failure={failure} /> : null}
          <Banner boxed tone="warn" title={t('changeText')} />
          <TextField
            label={t('newAddress')}
            hint={t('newAddressHint')}
            value={address}
            onChange={setAddress}
            error={asked && !valid ? t('notHttps') : undefined}
            testId="region-address"
          />
          <div className="line">
            <Button testId="region-cancel" onPress={() => setChanging(false)}>
              {t('cancel')}
            </Button>
            <Button kind="danger-line" type="submit" busy={busy} testId="region-save">
              {t('save')}
            </Button>
          </div>
        </form>
      ) : (
        <div>
          <Button testId="region-change" onPress={() => setChanging(true)}>
            {t('change')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Address({ text }: { text: string }) {
  const { t } = useTranslation('settings')
  return (
    <span className="line tight">
      <span className="mono settings-address">{text}</span>
      <CopyButton text={text} label={t('addressCopy')} done={t('copied')} />
    </span>
  )
}
