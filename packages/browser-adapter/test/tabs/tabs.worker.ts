import { serveTabs } from '@millrace/browser-adapter/tabs';

serveTabs();
