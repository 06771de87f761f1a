/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DSR_PROC_H
#define _DSR_PROC_H

#include "dsr.h"

int dsr_proc_init(struct dsr_net *dn);
void dsr_proc_exit(struct dsr_net *dn);

#endif /* _DSR_PROC_H */
