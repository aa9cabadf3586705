#include "cmos.h"

#include <time.h>

/* Registers of the MC146818; linux/mc146818rtc.h. */
enum {
	SECONDS = 0,
	MINUTES = 2,
	HOURS = 4,
	WEEKDAY = 6,
	DAY = 7,
	MONTH = 8,
	YEAR = 9,
	STATUS_A = 10,
	STATUS_B = 11,
	STATUS_D = 13,
	CENTURY = 50,
};

#define A_32KHZ 0x26
#define B_24_HOURS 0x02
#define D_VALID 0x80
/* The high bit of the index masks NMIs. */
#define INDEX_BITS 0x7f

void cmos_init(struct cmos *cmos)
{
	*cmos = (struct cmos){ .index = 0 };
	pthread_mutex_init(&cmos->lock, NULL);
}

void cmos_deinit(struct cmos *cmos)
{
	pthread_mutex_destroy(&cmos->lock);
}

static uint8_t bcd(int value)
{
	return (uint8_t)(value / 10 % 10 * 16 + value % 10);
}

static uint8_t read_register(uint8_t index)
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	switch (index) {
	case SECONDS:
		return bcd(utc.tm_sec);
	case MINUTES:
		return bcd(utc.tm_min);
	case HOURS:
		return bcd(utc.tm_hour);
	case WEEKDAY:
		return bcd(utc.tm_wday + 1);
	case DAY:
		return bcd(utc.tm_mday);
	case MONTH:
		return bcd(utc.tm_mon + 1);
	case YEAR:
		return bcd(utc.tm_year % 100);
	case CENTURY:
		return bcd((utc.tm_year + 1900) / 100);
	case STATUS_A:
		return A_32KHZ;
	case STATUS_B:
		return B_24_HOURS;
	case STATUS_D:
		return D_VALID;
	default:
		return 0;
	}
}

static uint64_t cmos_read(void *device, struct access access)
{
	struct cmos *cmos = device;
	uint8_t index;

	pthread_mutex_lock(&cmos->lock);
	index = cmos->index;
	pthread_mutex_unlock(&cmos->lock);
	return access.offset == 0 ? index : read_register(index);
}

static void cmos_write(void *device, struct access access, uint64_t value)
{
	struct cmos *cmos = device;

	if (access.offset != 0)
		return;
	pthread_mutex_lock(&cmos->lock);
	cmos->index = (uint8_t)value & INDEX_BITS;
	pthread_mutex_unlock(&cmos->lock);
}

const struct device_ops cmos_ops = { .read = cmos_read, .write = cmos_write };
