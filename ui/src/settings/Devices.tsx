import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Badge, Button, Card, SkeletonCards } from '../design'
import type { DeviceView } from '../ipc/generated/DeviceView'
import { useView } from '../ipc/query'

export function Devices() {
  const { t } = useTranslation('settings')
  const devices = useView('call_devices', [])
  if (devices.error) return <FailureBanner failure={devices.error.failure} onRetry={() => devices.refetch()} />
  if (!devices.data) return <SkeletonCards />
  return (
    <div className="stack wide text">
      <h2>{t('devices')}</h2>
      <p className="mut">{t('devicesText')}</p>
      <List title={t('cameras')} none={t('noCameras')} devices={devices.data.cameras} />
      <List title={t('microphones')} none={t('noMicrophones')} devices={devices.data.microphones} />
      <div>
        <Button icon="refresh" testId="devices-again" onPress={() => devices.refetch()}>
          {t('readAgain')}
        </Button>
      </div>
    </div>
  )
}

function List({ title, none, devices }: { title: string; none: string; devices: DeviceView[] }) {
  const { t } = useTranslation('settings')
  return (
    <Card title={title} end={devices.length || undefined} level={3}>
      <div className="ps-card-body">
        {devices.length === 0 ? <p className="mut">{none}</p> : null}
        <ul className="side-lines">
          {devices.map((device) => (
            <li key={device.id}>
              <span className="grow cut">{device.name}</span>
              {device.synthetic ? (
                <Badge tone="warn" icon="warning-circle">
                  {t('synthetic')}
                </Badge>
              ) : (
                <Badge tone="ok" icon="check">
                  {t('real')}
                </Badge>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}
